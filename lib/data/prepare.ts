import { ConfigError } from "../config";
import { offsets } from "../samplers";
import { decodeMovie, type MovieDtype, type MovieValues } from "../signal/movie";
import { checkOthers } from "./check-recording";
import type { SessionConfig } from "./dataset-config";
import { downsample, downsamplingFactor } from "./downsample";
import { onlyOp } from "./ops";
import { type PreparedRecording, prepareRecording } from "./prepare-recording";
import type { Session } from "./session-file";
import { splitTrials, validFrames } from "./split";

/** A session ready to be served: its stimulus types one after another, chosen units only. T frames in all. */
export interface PreparedSession {
  name: string;
  /** What stands before the first `_` of the name. */
  subject: string;
  /** The session's file. */
  file: string;
  cids: number[];
  /** What the file says of the units, where it does: coordinates `[units, dimensions]`, and groups from 0. */
  coordinates?: number[][];
  groups?: number[];
  frames: number;
  height: number;
  width: number;
  /** Frames per second. */
  samplingRate: number;
  /** `[T, height, width]`, as `stimDtype` keeps it (`stimPixels` reads it). */
  stim: MovieValues;
  /** Bytes are normalised when they are served; the other types hold what the transforms gave. Default `uint8`. */
  stimDtype?: MovieDtype;
  /** Spikes per bin, `[T, units]`. */
  robs: Float32Array;
  /** 1 where a bin counts, else 0: `[T, dfsColumns]`, one column for all units or one for each. */
  dfs: Float32Array;
  dfsColumns: number;
  /** Degrees, `[T, 2]` as (x, y), if no transform says otherwise. */
  eyepos: Float32Array;
  /** What the animal does, for a model's modulator, as transforms expose it: `[T, behaviors]`. Default: none is served. */
  behavior?: Float32Array;
  /** Distinct over the stimulus types, `[T]`. */
  trialInds: Int32Array;
  /** Of the stimulus, oldest first, such as [11, 10, ..., 0]. */
  lags: number[];
  /** Frames to train on, and frames of other trials to validate on. */
  train: Int32Array;
  validation: Int32Array;
  /** The stimulus types, each with its first frame and length, and how many file frames make one. */
  parts: { type: string; first: number; frames: number }[];
  downsampling: number;
  /** As resolved. */
  config: SessionConfig;
}

/**
 * Prepares a session. Each stimulus type is downsampled, filtered, transformed and cut to the chosen units; then the types are
 * joined, and their trials split.
 *
 * @param movie the prepared movie of all types, where it is not in the session
 * @throws ConfigError when a chosen unit is not in the file, the types' frames differ in size, a transform cannot act, or
 * nothing valid is left
 */
export function prepareSession(
  session: Session,
  config: SessionConfig,
  movie?: Pick<PreparedSession, "stim" | "stimDtype">,
): PreparedSession {
  const { file, cids } = config;
  const fail = (path: string, message: string): never => {
    throw new ConfigError(file, [{ path, message }]);
  };
  const unknown = cids.filter((cid) => !session.cids.includes(cid));
  if (unknown.length > 0)
    fail("cids", `the file has no unit ${unknown.join(", ")}; it has ${session.cids.join(", ")}`);
  const sampling = config.sampling ?? {
    source_rate: session.samplingRate,
    target_rate: session.samplingRate,
  };
  if (sampling.source_rate !== session.samplingRate)
    fail(
      "sampling.source_rate",
      `is ${sampling.source_rate}, but the file says ${session.samplingRate} frames per second`,
    );
  const factor = downsamplingFactor(sampling, file);
  const columns = cids.map((cid) => session.cids.indexOf(cid));
  for (const type of config.types) checkOthers(file, type, session.recordings[type]!, othersRead(config));
  const recordings = config.types.map((type) =>
    prepareRecording(type, downsample(session.recordings[type]!, factor), config, columns),
  );
  const { height, width, dfsColumns } = recordings[0]!;
  const other = recordings.find((r) => r.height !== height || r.width !== width);
  if (other)
    fail(
      "types",
      `have frames of ${height}×${width} and of ${other.height}×${other.width}; load one of them`,
    );

  const frames = recordings.reduce((sum, r) => sum + r.frames, 0);
  const all = (name: "robs" | "dfs" | "eyepos" | "behavior") =>
    joined(
      Float32Array,
      recordings.map((r) => r[name]),
    );
  const [robs, dfs, behavior] = [all("robs"), all("dfs"), all("behavior")];
  const trialInds = distinctTrials(recordings);
  const lags = stimLags(config);
  const firsts = offsets(recordings.map((r) => r.frames));
  const longest = longestLag({ lags, config });
  // No sample looks back into the recording before its own.
  const valid = validFrames(dfs, dfsColumns).filter(
    (t) => t - firsts.findLast((first) => first <= t)! >= longest,
  );
  if (valid.length === 0) fail("datafilters", "leave no valid frame; is `n_lags` longer than a trial?");
  const { train, validation } = splitTrials(trialInds, valid, {
    share: config.train_val_split,
    seed: config.seed,
  });
  if (validation.length === 0)
    fail("train_val_split", "leaves no trial to validate on; the session has only one");

  warnOfSilent(file, cids, { robs, dfs, dfsColumns, train });
  const ofChosen = <T>(facts: readonly T[]) => columns.map((column) => facts[column]!);
  return {
    name: config.session,
    subject: config.session.split("_")[0]!,
    file,
    cids,
    ...(session.coordinates ? { coordinates: ofChosen(session.coordinates) } : {}),
    ...(session.groups ? { groups: ofChosen(session.groups) } : {}),
    frames,
    height,
    width,
    samplingRate: sampling.target_rate,
    ...(movie ?? {
      stim: joined(
        Uint8Array,
        recordings.map((r) => r.stim),
      ),
    }),
    robs,
    dfs,
    dfsColumns,
    eyepos: all("eyepos"),
    ...(behavior.length > 0 ? { behavior } : {}),
    trialInds,
    lags,
    train,
    validation,
    parts: config.types.map((type, i) => ({ type, first: firsts[i]!, frames: recordings[i]!.frames })),
    downsampling: factor,
    config,
  };
}

/** Pixels of some frames of a prepared session as numbers: bytes as they are, others as transformed. */
export function stimPixels(
  {
    stim,
    stimDtype = "uint8",
    height,
    width,
  }: Pick<PreparedSession, "stim" | "stimDtype" | "height" | "width">,
  first: number,
  frames: number,
): Float32Array {
  const pixels = height * width;
  return decodeMovie(stimDtype, stim.subarray(first * pixels, (first + frames) * pixels));
}

/** A unit without spikes stays: the others can be trained on. It has no bits per spike. */
function warnOfSilent(
  file: string,
  cids: readonly number[],
  { robs, dfs, dfsColumns, train }: Pick<PreparedSession, "robs" | "dfs" | "dfsColumns" | "train">,
): void {
  const spikes = (t: number, unit: number) =>
    dfs[t * dfsColumns + (dfsColumns === 1 ? 0 : unit)]! > 0 && robs[t * cids.length + unit]! > 0;
  const silent = cids.filter((_, unit) => !train.some((t) => spikes(t, unit)));
  if (silent.length === 0) return;
  const which = `${silent.slice(0, 10).join(", ")}${silent.length > 10 ? ", ..." : ""}`;
  console.warn(
    `${file}: robs: ${silent.length} of ${cids.length} units have no spike on the training frames: ${which}. They are kept; leave them out of \`cids\` if they are of no use.`,
  );
}

/** Covariates that transforms and filters read; a filter has the name of its covariate. */
function othersRead({ transforms, datafilters }: SessionConfig): string[] {
  const filters = (datafilters.dfs?.ops ?? []).map((op) => onlyOp(op)[0]);
  return [...Object.values(transforms).map(({ source }) => source), ...filters];
}

/** How many frames back a sample looks, for the stimulus and for the units' last spikes. */
export const longestLag = ({ lags, config }: Pick<PreparedSession, "lags" | "config">): number =>
  Math.max(...lags, ...(config.keys_lags.history ?? []));

/** A number n is the n-th last frame alone; the newest frame comes last. */
function stimLags({ keys_lags }: SessionConfig): number[] {
  const given = keys_lags.stim ?? 0;
  return (typeof given === "number" ? [given] : [...given]).sort((a, b) => b - a);
}

/** Trials of different stimulus types are different trials. */
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

function joined<A extends Uint8Array | Float32Array>(
  ArrayType: new (n: number) => A,
  parts: readonly A[],
): A {
  if (parts.length === 1) return parts[0]!;
  const all = new ArrayType(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
