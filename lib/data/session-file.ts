import type { File, Group } from "h5wasm/node";
import { ConfigError } from "../config";
import { checkRecording, mendLostGaze, trialsOf } from "./check-recording";
import type { Covariate } from "./covariate";
import { getArray, putArray, readHdf5, writeHdf5 } from "./hdf5";

/** Bumped when the layout of session files changes. */
export const FORMAT_VERSION = 1;

/** One stimulus type of a session: covariates of equal length, T frames. */
export interface Recording {
  frames: number;
  height: number;
  width: number;
  /** The stimulus as the eye saw it, `[T, height, width]`. */
  stim: Uint8Array;
  /** Spike counts per frame, `[T, units]`, units as in `cids`. */
  robs: Float32Array;
  /** Gaze in degrees, `[T, 2]` as (x, y). */
  eyepos: Float32Array;
  /** The middle of each frame in seconds, `[T]`. */
  tBins: Float64Array;
  /** The trial of each frame, `[T]`. */
  trialInds: Int32Array;
  /** 1 where the eye tracker saw the eye, else 0, `[T]`. */
  dpiValid: Float32Array;
  /** Whatever else the file has of each frame, by its name there. */
  others: Readonly<Record<string, OtherCovariate>>;
}

/** A covariate that the library knows nothing of: transforms and filters may read it. */
export interface OtherCovariate extends Covariate {
  /** Labels, such as the number of a picture: never averaged. */
  readonly whole: boolean;
}

/** A movie in a file, `[frames, height, width]`, read in parts. */
export interface MovieSource {
  readonly frames: number;
  readonly height: number;
  readonly width: number;
  /** The bytes of some frames. */
  read(from: number, to: number): Uint8Array;
}

/** Takes the movie of a stimulus type, and gives what stands for it in the recording. */
export type MovieReader = (type: string, source: MovieSource) => Uint8Array;

const wholeMovie: MovieReader = (_, { frames, read }) => read(0, frames);

/** A recording session. */
export interface Session {
  name: string;
  /** Frames per second. */
  samplingRate: number;
  pixelsPerDegree: number;
  /** The units' ids, in the order of the columns of `robs`. */
  cids: number[];
  /** Where each unit lies, `[units, dimensions]`, such as its depth along the probe; read by `mean_predictor`. */
  coordinates?: number[][];
  /** The group of each unit, from 0, such as its cell class; read by `shared_features`. */
  groups?: number[];
  /** By stimulus type, such as `backimage` and `gaborium`. */
  recordings: Record<string, Recording>;
}

const MISSING = "check `session_dir` and `sessions`, or run `gradbook simulate` to make the demo sessions";

/**
 * Reads a session file (`docs/session-format.md`).
 *
 * @param types the stimulus types wanted. Default: all.
 * @param movie how movies are read. Default: into the recordings.
 * @throws ConfigError that names the file and the covariate, and says what to do
 */
export function readSession(
  path: string,
  types?: readonly string[],
  movie: MovieReader = wholeMovie,
): Promise<Session> {
  return readHdf5(path, MISSING, (file) => {
    const cids = Array.from(required(path, file, "cids").values);
    const twice = cids.findIndex((cid, i) => cids.indexOf(cid) < i);
    if (twice >= 0) {
      const message = `has ${cids[twice]} at ${cids.indexOf(cids[twice]!)} and again at ${twice}; each unit has an id of its own`;
      throw new ConfigError(path, [{ path: "cids", message }]);
    }
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

/** The frames of the stimulus types wanted, and their size. @throws ConfigError as `readSession` */
export function movieShapes(path: string, types?: readonly string[]): Promise<Omit<MovieSource, "read">[]> {
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

/** The stimulus types of a session file. @throws ConfigError when it cannot be read */
export function stimulusTypes(path: string): Promise<string[]> {
  return readHdf5(path, MISSING, groupsOf);
}

const groupsOf = (file: File) =>
  file.keys().filter((key) => (file.get(key) as Group | null)?.type === "Group");

/** Writes a session file; atomic. */
export function writeSession(path: string, session: Session): Promise<void> {
  return writeHdf5(path, (file) => {
    const { name, samplingRate, pixelsPerDegree, cids, coordinates, groups, recordings } = session;
    file.create_attribute("format", "gradbook-session");
    file.create_attribute("format_version", FORMAT_VERSION);
    file.create_attribute("name", name);
    file.create_attribute("sampling_rate", samplingRate);
    file.create_attribute("pixels_per_degree", pixelsPerDegree);
    putArray(file, "cids", { shape: [cids.length], values: Int32Array.from(cids) });
    if (coordinates) {
      const shape = [cids.length, coordinates[0]!.length];
      putArray(file, "unit_coordinates", { shape, values: Float32Array.from(coordinates.flat()) });
    }
    if (groups) putArray(file, "unit_groups", { shape: [cids.length], values: Int32Array.from(groups) });
    for (const [type, recording] of Object.entries(recordings)) {
      const { frames, height, width } = recording;
      const group = file.create_group(type);
      putArray(group, "stim", { shape: [frames, height, width], values: recording.stim });
      putArray(group, "robs", { shape: [frames, cids.length], values: recording.robs });
      putArray(group, "eyepos", { shape: [frames, 2], values: recording.eyepos });
      putArray(group, "t_bins", { shape: [frames], values: recording.tBins });
      putArray(group, "trial_inds", { shape: [frames], values: recording.trialInds });
      putArray(group, "dpi_valid", { shape: [frames], values: recording.dpiValid });
      for (const [other, { shape, values, whole }] of Object.entries(recording.others))
        putArray(group, other, { shape: [...shape], values: whole ? Int32Array.from(values) : values });
    }
  });
}

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

/** What was read is a copy of the file's already: of the right type, it is not copied again. */
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

/** What the file says of the units themselves, where it does. */
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
