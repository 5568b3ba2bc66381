import { ConfigError } from "../base/config";
import { frameSize, normalisedByte } from "../base/dsp/movie";
import { joined } from "./ops";
import type { PreparedRecording, PreparedSession } from "./prepare-recording";
import { joinResponses } from "./response-values";
import { offsets } from "./samplers/sampler";

type Joined = Pick<
  PreparedSession,
  | "frames"
  | "height"
  | "width"
  | "channels"
  | "robs"
  | "dfs"
  | "dfsColumns"
  | "eyepos"
  | "trialInds"
  | "parts"
> &
  Partial<Pick<PreparedSession, "behavior" | "history">>;

/**
 * Concatenates the stimulus types of a session, without their movies.
 *
 * @throws ConfigError when their frames differ in size
 */
export function joinRecordings(
  recordings: readonly PreparedRecording[],
  types: readonly string[],
  file: string,
): Joined {
  const { height, width, channels, dfsColumns } = requireOneSize(recordings, file);
  const lengths = recordings.map(({ frames }) => frames);
  const firsts = offsets(lengths);
  const floats = (name: "eyepos" | "behavior") =>
    joined(
      Float32Array,
      recordings.map((r) => r[name]),
    );
  const responses = (name: "robs" | "history") => joinResponses(recordings.map((r) => r[name]));
  const [behavior, history] = [floats("behavior"), responses("history")];
  return {
    frames: lengths.reduce((sum, length) => sum + length, 0),
    height,
    width,
    channels,
    robs: responses("robs"),
    dfs: joined(
      Uint8Array,
      recordings.map((r) => r.dfs),
    ),
    dfsColumns,
    eyepos: floats("eyepos"),
    ...(behavior.length > 0 ? { behavior } : {}),
    ...(history.length > 0 ? { history } : {}),
    trialInds: distinctTrials(recordings),
    parts: types.map((type, i) => ({ type, first: firsts[i]!, frames: lengths[i]! })),
  };
}

/** Concatenates the movies of recordings: as bytes, or as float32 when one is in floating point. */
export function joinMovies(
  recordings: readonly PreparedRecording[],
): Pick<PreparedSession, "stim" | "stimDtype"> {
  const movies = recordings.map(({ stim }) => stim);
  const bytes = movies.filter((movie) => movie instanceof Uint8Array);
  if (bytes.length === movies.length) return { stim: joined(Uint8Array, bytes) };
  const floats = movies.map((movie) =>
    movie instanceof Uint8Array ? Float32Array.from(movie, normalisedByte) : movie,
  );
  return { stim: joined(Float32Array, floats), stimDtype: "float32" };
}

/** Checks that all frames have one size. @returns the first recording */
function requireOneSize(recordings: readonly PreparedRecording[], file: string): PreparedRecording {
  const first = recordings[0]!;
  const other = recordings.find((r) => frameSize(r) !== frameSize(first));
  if (!other) return first;
  const message = `have frames of ${frameSize(first)} and of ${frameSize(other)}; load one of them`;
  throw new ConfigError(file, [{ path: "types", message }]);
}

/** Renumbers trials, so that trials of different stimulus types have different numbers. */
function distinctTrials(recordings: readonly PreparedRecording[]): Int32Array {
  const all = new Int32Array(recordings.reduce((sum, { frames }) => sum + frames, 0));
  let [at, trials] = [0, 0];
  for (const { trialInds } of recordings) {
    const numbers = new Map<number, number>();
    for (const trial of trialInds) {
      const number = numbers.get(trial) ?? trials++;
      numbers.set(trial, number);
      all[at++] = number;
    }
  }
  return all;
}
