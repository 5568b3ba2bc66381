import type { File, Group } from "h5wasm/node";
import { ConfigError } from "../base/config";
import { checkRecording, mendLostGaze, trialsOf, unitIds } from "./check-recording";
import { getArray, readHdf5 } from "./hdf5";
import { FORMAT_VERSION, type OtherCovariate, type Recording, type Session } from "./session";

/** A movie in a file, `[frames, height, width]`, read in parts. */
export interface MovieSource {
  readonly frames: number;
  readonly height: number;
  readonly width: number;
  /** Returns the bytes of some frames. */
  read(from: number, to: number): Uint8Array;
}

/** Reads the movie of a stimulus type, and returns the value stored in the recording. */
export type MovieReader = (type: string, source: MovieSource) => Uint8Array;

const wholeMovie: MovieReader = (_, { frames, read }) => read(0, frames);

const MISSING = "check `session_dir` and `sessions`, or run `gradbook simulate` to make the demo sessions";

/**
 * Reads a session file (`docs/session-format.md`).
 *
 * @param types the stimulus types to read. Default: all.
 * @param movie reads the movies. Default: reads them into the recordings.
 * @throws ConfigError that names the file and the covariate, and says what to do
 */
export async function readSession(
  path: string,
  types?: readonly string[],
  movie: MovieReader = wholeMovie,
): Promise<Session> {
  return readHdf5(path, MISSING, (file) => {
    requireVersion(path, file);
    const cids = unitIds(path, required(path, file, "cids").values);
    const recordings = chosenTypes(path, file, types).map((type) => {
      return [type, readRecording(path, type, file.get(type) as Group, cids.length, movie)] as const;
    });
    return {
      name: String(attribute(path, file, "name")),
      samplingRate: positive(path, file, "sampling_rate"),
      pixelsPerDegree: positive(path, file, "pixels_per_degree"),
      cids,
      ...unitFacts(path, file, cids.length),
      recordings: Object.fromEntries(recordings),
    };
  });
}

/** Checks the format version, because a file of a later layout could be misread. Files without a version have the first one. */
function requireVersion(path: string, file: File): void {
  const version = file.attrs.format_version?.value ?? FORMAT_VERSION;
  if (Number(version) === FORMAT_VERSION) return;
  const message = `is ${String(version)}, but this version of gradbook reads ${FORMAT_VERSION}; update gradbook, or write the file again`;
  throw new ConfigError(path, [{ path: "format_version", message }]);
}

/** Returns the number of frames of some stimulus types, and their size. @throws ConfigError as `readSession` */
export async function movieShapes(
  path: string,
  types?: readonly string[],
): Promise<Omit<MovieSource, "read">[]> {
  return readHdf5(path, MISSING, (file) =>
    chosenTypes(path, file, types).map((type) => {
      const { frames, height, width } = movieSource(path, type, file.get(type) as Group);
      return { frames, height, width };
    }),
  );
}

function chosenTypes(path: string, file: File, types: readonly string[] | undefined): readonly string[] {
  const groups = groupsOf(file);
  const missing = (types ?? []).filter((type) => !groups.includes(type));
  if (missing.length === 0 && groups.length > 0) return types ?? groups;
  const message =
    missing.length > 0
      ? `has no stimulus type ${missing.join(", ")}; it has ${groups.join(", ") || "none"}`
      : "has no stimulus type: a group with stim, robs and the other covariates";
  throw new ConfigError(path, [{ path: "types", message }]);
}

/** Returns the stimulus types of a session file. @throws ConfigError when it cannot be read */
export async function stimulusTypes(path: string): Promise<string[]> {
  return readHdf5(path, MISSING, groupsOf);
}

const groupsOf = (file: File) =>
  file.keys().filter((key) => (file.get(key) as Group | null)?.type === "Group");

function movieSource(path: string, type: string, group: Group): MovieSource {
  const found = group.get("stim");
  if (!found || !("slice" in found) || !found.shape) throw missingCovariate(path, `${type}/stim`);
  const [frames, height, width] = found.shape as [number, number, number];
  if (found.shape.length !== 3 || found.dtype !== "<B") {
    const message = `must be uint8 [frames, height, width], but has shape [${found.shape}]${found.shape.length === 3 ? ` and type ${String(found.dtype)}` : ""}`;
    throw new ConfigError(path, [{ path: `${type}/stim`, message }]);
  }
  if (frames * height * width === 0)
    throw new ConfigError(path, [
      { path: `${type}/stim`, message: `is empty: it has shape [${found.shape}]` },
    ]);
  const read = (from: number, to: number) => found.slice([[from, to], [], []]) as Uint8Array;
  return { frames, height, width, read };
}

function readRecording(
  path: string,
  type: string,
  group: Group,
  units: number,
  movie: MovieReader,
): Recording {
  const read = (name: string) => required(path, group, name, type);
  const source = movieSource(path, type, group);
  const { frames, height, width } = source;
  const shaped = (name: string, rest: number[]) => {
    const { shape, values } = read(name);
    const must = [frames, ...rest];
    if (String(shape) === String(must)) return values;
    const message = `has shape [${shape}], but stim has ${frames} frames, so it must be [${must}]`;
    throw new ConfigError(path, [{ path: `${type}/${name}`, message }]);
  };
  const recording = {
    frames,
    height,
    width,
    stim: movie(type, source),
    robs: floats(shaped("robs", [units])),
    eyepos: floats(shaped("eyepos", [2])),
    tBins: Float64Array.from(shaped("t_bins", [])),
    trialInds: trialsOf(path, type, shaped("trial_inds", [])),
    dpiValid: floats(shaped("dpi_valid", [])),
    others: readOthers(path, type, group, frames),
  };
  checkRecording(path, type, recording);
  mendLostGaze(recording);
  return recording;
}

/** Converts values to float32. Values that already have this type are not copied again. */
const floats = (values: ArrayLike<number>) =>
  values instanceof Float32Array ? values : Float32Array.from(values);

const KNOWN = ["stim", "robs", "eyepos", "t_bins", "trial_inds", "dpi_valid"];

function readOthers(path: string, type: string, group: Group, frames: number): Recording["others"] {
  const others: Record<string, OtherCovariate> = {};
  for (const name of group.keys().filter((key) => !KNOWN.includes(key))) {
    const found = getArray(group, name);
    if (!found) continue;
    const { shape, values } = found;
    if (shape[0] !== frames) {
      const message = `has shape [${shape}], but stim has ${frames} frames: a covariate has a row for each frame`;
      throw new ConfigError(path, [{ path: `${type}/${name}`, message }]);
    }
    const whole = !(values instanceof Float32Array || values instanceof Float64Array) || found.bigints;
    others[name] = { shape, values: floats(values), whole };
  }
  return others;
}

/** Reads the optional facts about units from the file. */
function unitFacts(path: string, file: File, units: number): Pick<Session, "coordinates" | "groups"> {
  const rows = (name: string) => {
    const found = getArray(file, name);
    if (!found || found.shape[0] === units) return found;
    const message = `has shape [${found.shape}], but the file has ${units} units: one row for each`;
    throw new ConfigError(path, [{ path: name, message }]);
  };
  const [places, groups] = [rows("unit_coordinates"), rows("unit_groups")];
  const dimensions = places ? places.values.length / units : 0;
  return {
    ...(places
      ? {
          coordinates: Array.from({ length: units }, (_, u) =>
            Array.from({ length: dimensions }, (_, d) => places.values[u * dimensions + d]!),
          ),
        }
      : {}),
    ...(groups ? { groups: Array.from(groups.values) } : {}),
  };
}

function required(path: string, group: Group, name: string, type?: string) {
  const found = getArray(group, name);
  if (found) return found;
  throw missingCovariate(path, type ? `${type}/${name}` : name);
}

const missingCovariate = (path: string, where: string) =>
  new ConfigError(path, [
    {
      path: where,
      message: "is missing or not numeric; docs/session-format.md lists what a session file holds",
    },
  ]);

function positive(path: string, file: File, name: string): number {
  const value = Number(attribute(path, file, name));
  if (value > 0 && value < Infinity) return value;
  const message = `this attribute of the file must be a number over 0; found ${attribute(path, file, name)}`;
  throw new ConfigError(path, [{ path: name, message }]);
}

function attribute(path: string, file: File, name: string) {
  const found = file.attrs[name];
  if (found) return found.value;
  throw new ConfigError(path, [
    { path: name, message: "this attribute of the file is missing; see docs/session-format.md" },
  ]);
}
