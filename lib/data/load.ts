import { existsSync } from "node:fs";
import { ConfigError } from "../base/config";
import { MOVIE_BYTES, type MovieDtype, movieValues } from "../base/dsp/movie";
import { readDatasetConfig } from "./dataset-config";
import { downsamplingFactor } from "./downsample";
import { recordingOf } from "./find-recording";
import { type MovieInFile, readWhole } from "./movie-file";
import { type MovieShape, short } from "./movie-source";
import { onlyOp } from "./ops";
import { prepareSession } from "./prepare";
import { movieBytes, type PreparedSession } from "./prepare-recording";
import { preparedChannels, readMovie, requireFramewise } from "./read-movie";
import { movieShapes, readSession } from "./read-session";
import { chosenColumns, type ResponseValues, readTruthFile, type Session, truthFile } from "./session";
import type { SessionConfig } from "./session-schema";
import type { UnitTruth } from "./simulate/unit";

/** The options of `prepareSessions`. */
export interface PrepareOptions {
  /** The storage type of movies. Types other than `uint8` store the result of `transforms.stim`. Default `uint8`. */
  dsetDtype?: MovieDtype;
  /**
   * Allocates memory for the movies, given their sizes in bytes. Movies are read directly into it; those for which it is undefined stay in
   * their files.
   */
  allocate?: (bytes: number[]) => (Uint8Array | undefined)[];
  /**
   * Returns the function that moves the responses of a session to their final memory, called as soon as the session is prepared. It is
   * given the number of values of each session; the function is given the responses and the number of the session, and returns equal ones.
   * Default: they stay where they were read.
   */
  placeResponses?: (
    counts: readonly number[],
  ) => (responses: ResponseValues, session: number) => ResponseValues;
}

/** The options of `loadSessions`. */
export interface LoadOptions extends PrepareOptions {
  /** The maximum number of sessions, starting with the first. Default: all. */
  maxDatasets?: number | undefined;
  /** The folder of the recordings. Default: that of the sessions' YAML files, then the one that `GRADBOOK_DATA` names. */
  dataDir?: string | undefined;
}

/**
 * Reads and prepares the sessions of a configuration.
 *
 * @param sessions the configuration's file, or the configurations of the sessions as `readDatasetConfig` returns them
 * @throws ConfigError that names the file and the key or covariate
 */
export async function loadSessions(
  sessions: string | readonly SessionConfig[],
  { maxDatasets = Number.POSITIVE_INFINITY, dataDir, ...how }: LoadOptions = {},
): Promise<PreparedSession[]> {
  const configs = typeof sessions === "string" ? readDatasetConfig(sessions, how.dsetDtype) : sessions;
  const found = configs
    .slice(0, maxDatasets)
    .map((config) => ({ ...config, file: recordingOf(config, dataDir) }));
  return prepareSessions(found, how);
}

/**
 * Reads and prepares sessions whose configurations are resolved. A movie is read in chunks, directly into its final memory.
 *
 * @throws ConfigError that names the file and the covariate
 */
export async function prepareSessions(
  configs: readonly SessionConfig[],
  {
    dsetDtype = "uint8",
    allocate = (bytes) => bytes.map((length) => new Uint8Array(length)),
    placeResponses = () => (responses) => responses,
  }: PrepareOptions = {},
): Promise<PreparedSession[]> {
  const movies: SessionMovie[] = [];
  for (const config of configs) movies.push(await movieOf(config));
  // A movie in floating point cannot be stored as bytes, and all sessions of a model share one type.
  const dtype = dsetDtype === "uint8" && movies.some(({ isFloat }) => isFloat) ? "float32" : dsetDtype;
  const memory = allocate(movies.map(({ size }) => size * MOVIE_BYTES[dtype]));
  const place = placeResponses(movies.map(({ frames }, i) => frames * configs[i]!.cids.length));
  const sessions: PreparedSession[] = [];
  for (const [i, config] of configs.entries()) {
    const movie = { ...movies[i]!, dtype };
    const own = memory[i];
    const session = own ? await loaded(config, movie, own) : await streamed(config, movie);
    session.robs = place(session.robs, i);
    sessions.push(session);
  }
  return sessions;
}

/** Reads and prepares a session whose movie is read into memory. */
async function loaded(
  config: SessionConfig,
  { dtype, channels }: SessionMovie & { dtype: MovieDtype },
  memory: Uint8Array,
): Promise<PreparedSession> {
  const values = movieValues(dtype, memory);
  const target = { config, dtype, factor: factorOf(config), values };
  let first = 0;
  const session = await readSession(
    config.file,
    config.types,
    (_, source) => {
      readMovie(source, target, first);
      first += Math.floor(source.frames / target.factor);
      return new Uint8Array(0);
    },
    config.responses,
  );
  requireByteRange(session, config);
  return prepareSession(session, config, { stim: values, stimDtype: dtype, channels });
}

/** Reads and prepares a session whose movie stays in its file. */
async function streamed(
  config: SessionConfig,
  { dtype, ...found }: SessionMovie & { dtype: MovieDtype },
): Promise<PreparedSession> {
  if (dtype !== "uint8") requireFramewise(config);
  const { file, types, transforms } = config;
  const session = await readSession(file, types, () => new Uint8Array(0), config.responses);
  const { channels, height, width, frames, chunk } = found;
  const movie: MovieInFile = {
    channels,
    height,
    width,
    frames,
    chunk,
    dtype,
    config: { file, types, transforms },
    factor: factorOf(config),
  };
  return prepareSession(session, config, {
    get stim() {
      return movieValues(dtype, readWhole(movie));
    },
    stimDtype: dtype,
    channels,
    inFile: movie,
  });
}

/** The movie of a session after preparation. */
interface SessionMovie {
  readonly channels: number;
  /** The number of values. */
  readonly size: number;
  /** Whether a stimulus type is stored in floating point in the file. */
  readonly isFloat: boolean;
  readonly height: number;
  readonly width: number;
  /** The number of frames over all stimulus types, after preparation. */
  readonly frames: number;
  /** The number of prepared frames that the file's storage suggests to read at once. */
  readonly chunk: number;
}

/** Returns the size of a session's movie. @throws ConfigError when its types differ in their channels after the transforms */
async function movieOf(config: SessionConfig): Promise<SessionMovie> {
  const { file, types } = config;
  const factor = factorOf(config);
  const parts = await movieShapes(file, types);
  const each = parts.map((part) => preparedChannels(part, config));
  const channels = each[0]!;
  const other = each.findIndex((own) => own !== channels);
  if (other > 0) {
    const message = `have movies of ${channels} and of ${each[other]} channels (${types[0]}, ${types[other]}); load one of them`;
    throw new ConfigError(file, [{ path: "types", message }]);
  }
  const frames = ({ frames }: MovieShape) => Math.floor(frames / factor);
  const { height, width } = parts[0]!;
  return {
    channels,
    height,
    width,
    frames: parts.reduce((sum, part) => sum + frames(part), 0),
    size: channels * parts.reduce((sum, part) => sum + frames(part) * part.height * part.width, 0),
    chunk: Math.max(...parts.map(({ chunk = 1 }) => Math.ceil(chunk / factor))),
    isFloat: parts.some(({ dtype }) => dtype === "float32"),
  };
}

/** Checks that `pixelnorm` gets values of 0..255. @throws ConfigError for a floating-point movie in another range */
function requireByteRange({ recordings }: Session, { file, transforms: { stim } }: SessionConfig): void {
  const op = stim?.ops.findIndex((op) => onlyOp(op)[0] === "pixelnorm") ?? -1;
  if (op < 0) return;
  for (const [type, { stimRange }] of Object.entries(recordings)) {
    if (!stimRange || (stimRange[0] >= 0 && stimRange[1] > 1 && stimRange[1] <= 255)) continue;
    const message = `maps 0..255 to -0.5..0.5, but ${type}/stim has floating-point values in ${stimRange.map(short).join("..")}; leave it out, or use mul`;
    throw new ConfigError(file, [{ path: `transforms.stim.ops.${op}.pixelnorm`, message }]);
  }
}

const factorOf = ({ sampling, file }: SessionConfig) => (sampling ? downsamplingFactor(sampling, file) : 1);

/**
 * Returns table rows of sessions. `valid` is the share of frames that count; `unit filters` is there when a session has some, and each
 * tier of held-out trials has a column.
 */
export function sessionSummary(sessions: readonly PreparedSession[]) {
  const filters = sessions.map(({ config }) => config.unit_filters?.join(", ") || "none");
  const areFiltered = filters.some((names) => names !== "none");
  const tiers = [...new Set(sessions.flatMap(({ heldOut }) => Object.keys(heldOut)))];
  const counted = ({ train, validation, heldOut }: PreparedSession) =>
    [train, validation, ...Object.values(heldOut)].reduce((sum, { length }) => sum + length, 0);
  return sessions.map((session, i) => ({
    session: session.name,
    units: session.cids.length,
    ...(areFiltered ? { "unit filters": filters[i]! } : {}),
    frames: session.frames,
    trials: new Set(session.trialInds).size,
    valid: counted(session) / session.frames,
    train: session.train.length,
    validation: session.validation.length,
    ...Object.fromEntries(tiers.map((tier) => [tier, session.heldOut[tier]?.length ?? 0])),
    "movie (MB)": movieBytes(session) / 1e6,
  }));
}

/** Reads the true units of a simulated session, in the order of its `cids`. @throws ConfigError when the truth file is missing */
export async function readTruth(session: PreparedSession): Promise<UnitTruth[]> {
  const { units } = await readTruthFile(truthFile(session.file));
  return session.cids.map((cid) => units.find((unit) => unit.cid === cid)!);
}

/**
 * Reads the true rates of a simulated session: expected spikes per bin `[frames, units]`, aligned with the prepared session.
 *
 * @returns undefined when the session has no truth file
 */
export async function trueRates(session: PreparedSession): Promise<Float32Array | undefined> {
  const path = truthFile(session.file);
  if (!existsSync(path)) return undefined;
  const { units, rates } = await readTruthFile(path);
  const { parts, cids, downsampling } = session;
  const all = new Float32Array(session.frames * cids.length);
  const columnOf = new Map(units.map(({ cid }, column) => [cid, column]));
  const columns = cids.map((cid) => columnOf.get(cid) ?? -1);
  for (const { type, first, frames } of parts) {
    const known = rates[type]!.subarray(0, frames * downsampling * units.length);
    const chosen = chosenColumns(known, units.length, columns);
    // Expected counts of joined frames are summed, like counts.
    for (let at = 0; at < chosen.length; at++) {
      const [t, u] = [Math.floor(at / cids.length), at % cids.length];
      all[(first + Math.floor(t / downsampling)) * cids.length + u]! += chosen[at]!;
    }
  }
  return all;
}
