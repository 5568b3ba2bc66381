import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { ConfigError, check, readYaml } from "../../base/config";
import { isFolder } from "../../base/files/folder";

/** The folder of a modality of a recording, such as `screen` or `responses`. */
export interface Modality {
  readonly name: string;
  readonly folder: string;
  /** The kind that its `meta.yml` states, such as `sequence`. */
  readonly kind: string;
  /** The file `meta.yml`, and its content. */
  readonly file: string;
  readonly meta: unknown;
}

const KIND = z.looseObject({ modality: z.string() });

/** Returns the modalities of a recording by name: its folders with a file `meta.yml`. @throws ConfigError that names the file */
function modalitiesOf(path: string): Modality[] {
  const names = readdirSync(path).filter((name) => existsSync(join(path, name, "meta.yml")));
  return names.sort().map((name) => {
    const file = join(path, name, "meta.yml");
    const meta = readYaml(file);
    return { name, folder: join(path, name), kind: check(KIND, meta, file).modality, file, meta };
  });
}

const SCREEN = "screen";
const RESPONSES = "responses";

/** Whether a path is a recording of experanto: a folder with `screen/timestamps.npy` and a `meta.yml` of its responses. */
export const isExperanto = (path: string): boolean =>
  existsSync(join(path, SCREEN, "timestamps.npy")) &&
  readdirSync(path).some(
    (name) => name !== SCREEN && isFolder(join(path, name)) && existsSync(join(path, name, "meta.yml")),
  );

/** The modalities of a recording by their use. */
export interface Modalities {
  readonly screen: Modality;
  readonly responses: Modality;
  /** The modalities with a value for each time, such as `treadmill`. */
  readonly sequences: readonly Modality[];
  /** The modalities with labelled intervals. */
  readonly intervals: readonly Modality[];
  /** The modalities that are not read. */
  readonly others: readonly Modality[];
}

/** Finds the modalities of a recording. @throws ConfigError when it has no screen or no responses */
export function openModalities(path: string): Modalities {
  const all = modalitiesOf(path);
  const screen = all.find(({ name, kind }) => name === SCREEN && kind === "screen");
  if (!screen) throw missing(path, SCREEN, "is missing: a folder with a meta.yml of `modality: screen`");
  const responses = all.find(({ name }) => name === RESPONSES) ?? all.find(({ kind }) => kind === "spikes");
  if (!responses)
    throw missing(
      path,
      RESPONSES,
      "is missing: a folder of this name, or one with a meta.yml of `modality: spikes`",
    );
  if (responses.kind !== "sequence" && responses.kind !== "spikes")
    throw new ConfigError(responses.file, [
      { path: "modality", message: `is ${responses.kind}, but responses are a sequence or spikes` },
    ]);
  const rest = all.filter((one) => one !== screen && one !== responses);
  const of = (kind: string) => rest.filter((one) => one.kind === kind);
  const known = ["sequence", "time_interval"];
  return {
    screen,
    responses,
    sequences: of("sequence"),
    intervals: of("time_interval"),
    others: rest.filter(({ kind }) => !known.includes(kind)),
  };
}

const missing = (path: string, name: string, message: string) =>
  new ConfigError(path, [{ path: name, message }]);
