import { basename } from "node:path";
import { z } from "zod";
import { RESPONSE_KINDS } from "../responses";
import type { Session } from "../session";

/** One option of a format: on the command line `--name value`. */
export interface ImportOption {
  /** The schema of the text from the command line; a switch has a boolean. */
  readonly schema: z.ZodType;
  /** The placeholder for the value in the help. A switch has none. */
  readonly value?: string;
  readonly help: string;
}

/** The options of a format, by their names in snake_case. */
export type ImportOptions = Readonly<Record<string, ImportOption>>;

/** The checked values of a format's options. */
export type ImportValues<O extends ImportOptions> = { [Name in keyof O]: z.output<O[Name]["schema"]> };

/** A session that was read from another format, and a description of the conversion for the user. */
export interface Imported {
  readonly session: Session;
  /** The data that became part of the session, and how, such as `running_speed: processing/running/speed, interpolated to frames`. */
  readonly taken?: readonly string[];
  /** The defaults that were used for missing data. */
  readonly assumed: readonly string[];
  /** The data of the source that the session does not contain, with the reasons. */
  readonly leftOut?: readonly string[];
}

/** A file format of recordings that `gradbook convert` reads. Each importer has its own file and stands in the list `IMPORTERS`. */
export interface Importer {
  /** The format's name, for `--format`. */
  readonly name: string;
  /** The paths that the importer accepts, as a noun phrase for the help. */
  readonly description: string;
  readonly options: ImportOptions;
  /** Whether a path looks like this format. It reads as little as possible. */
  accepts(path: string): boolean;
  /**
   * Reads a recording.
   *
   * @param values the checked values of the options
   * @throws ConfigError that names the file and the place in it
   */
  read(path: string, values: Readonly<Record<string, unknown>>): Promise<Imported>;
}

/** Defines an importer. The types of the values that `read` receives follow from the schemas of the options. */
export function defineImporter<const O extends ImportOptions>(
  importer: Omit<Importer, "options" | "read"> & {
    readonly options: O;
    read(path: string, values: ImportValues<O>): Promise<Imported> | Imported;
  },
): Importer {
  return {
    ...importer,
    // The command checks the values against the schemas before it calls `read`.
    read: async (path, values) => importer.read(path, values as ImportValues<O>),
  };
}

/** Returns the name of a file or folder without the ending of its format. */
export const sourceName = (path: string): string =>
  basename(path).replace(/\.(npz|nwb|h5|zarr|nwb\.zarr|nwb\.h5)$/, "");

/** Describes the frames in which a covariate is not valid, after what was taken. @param mask the name of the covariate `valid` */
export function gapsNote(valid: Float32Array, mask: string): string {
  const lost = valid.filter((value) => value === 0).length;
  return lost > 0
    ? `; ${((100 * lost) / valid.length).toPrecision(2)} % of them are in gaps (${mask} is 0)`
    : "";
}

/** The schema of text on the command line. */
export const text = z.string().min(1, { error: "must not be empty" });

/** The schema of a positive number on the command line. */
export const positiveNumber = z
  .string()
  .transform(Number)
  .pipe(z.number({ error: "must be a number over 0" }).positive({ error: "must be a number over 0" }));

/** The schema of a list of words that are separated by commas. */
export const wordList = text.transform((text) => text.split(",").map((word) => word.trim()));

/** The option for the kind of the responses. */
export const RESPONSE_KIND = {
  schema: z.enum(RESPONSE_KINDS).optional(),
  value: "name",
  help: `the kind of the responses: ${RESPONSE_KINDS.join(", ")} (default: that of the format)`,
} as const satisfies ImportOption;

/** The option for the frames per second, of formats that do not state it. */
export const SAMPLING_RATE = {
  schema: positiveNumber.optional(),
  value: "hz",
  help: "frames per second",
} as const satisfies ImportOption;

/** The option for the resolution of the stimulus, of formats that do not state it. */
export const PIXELS_PER_DEGREE = {
  schema: positiveNumber.optional(),
  value: "n",
  help: "the stimulus' pixels per degree (default: 1)",
} as const satisfies ImportOption;
