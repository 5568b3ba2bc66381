import { ConfigError } from "../base/config";
import { Random } from "../base/random";
import { checkOthers } from "./check-recording";
import type { SessionConfig } from "./dataset-config";
import { downsample, downsamplingFactor } from "./downsample";
import { joinMovies, joinRecordings } from "./join-recordings";
import { onlyOp } from "./ops";
import { longestLag, type PreparedSession, prepareRecording } from "./prepare-recording";
import type { Session } from "./session";

/** Returns the frames on which a bin of any unit counts. @param columns the number of columns of `dfs` `[T, columns]` */
export function validFrames(dfs: Float32Array, columns: number): Int32Array {
  const frames = Int32Array.from({ length: dfs.length / columns }, (_, t) => t);
  return frames.filter((t) => dfs.subarray(t * columns, (t + 1) * columns).some((on) => on > 0));
}

/**
 * Divides trials, not frames, into training and validation, so that no trial is in both.
 *
 * @param trials the trial of each frame
 * @param share the share of trials to train on; both sides get at least one trial if there are two or more
 */
export function splitTrials(
  trials: Int32Array,
  valid: Int32Array,
  { share, seed }: { share: number; seed: number },
): { train: Int32Array; validation: Int32Array } {
  const order = new Random(seed, "split").shuffle([...new Set(valid.map((t) => trials[t]!))]);
  const wanted = Math.round(share * order.length);
  const train = new Set(order.slice(0, Math.min(Math.max(wanted, 1), Math.max(order.length - 1, 1))));
  return {
    train: valid.filter((t) => train.has(trials[t]!)),
    validation: valid.filter((t) => !train.has(trials[t]!)),
  };
}

/**
 * Prepares a session. Each stimulus type is downsampled, filtered, transformed and cut to the chosen units; then the types are
 * joined, and their trials split.
 *
 * @param movie the prepared movie of all types, if it is not in the session
 * @throws ConfigError when a chosen unit is not in the file, the types' frames differ in size, a transform fails, or no valid frame is left
 */
export function prepareSession(
  session: Session,
  config: SessionConfig,
  movie?: Pick<PreparedSession, "stim" | "stimDtype">,
): PreparedSession {
  const { file, cids } = config;
  requireUnits(session, config);
  const { samplingRate, downsampling } = samplingOf(session, config);
  const columnOf = new Map(session.cids.map((cid, column) => [cid, column]));
  const columns = cids.map((cid) => columnOf.get(cid)!);
  for (const type of config.types) checkOthers(file, type, session.recordings[type]!, othersRead(config));
  const recordings = config.types.map((type) =>
    prepareRecording(type, downsample(session.recordings[type]!, downsampling), config, columns),
  );
  const joined = joinRecordings(recordings, config.types, file);
  const { train, validation } = trainAndValidation(joined, config);
  warnOfSilent(file, cids, { ...joined, train });
  const ofChosen = <T>(facts: readonly T[]) => columns.map((column) => facts[column]!);
  return {
    name: config.session,
    subject: config.session.split("_")[0]!,
    file,
    cids,
    ...(session.coordinates ? { coordinates: ofChosen(session.coordinates) } : {}),
    ...(session.groups ? { groups: ofChosen(session.groups) } : {}),
    samplingRate,
    ...(movie ?? { stim: joinMovies(recordings) }),
    ...joined,
    lags: stimLags(config),
    train,
    validation,
    downsampling,
    config,
  };
}

const problem = (file: string, path: string, message: string) => new ConfigError(file, [{ path, message }]);

function requireUnits(session: Session, { file, cids }: SessionConfig): void {
  const known = new Set(session.cids);
  const unknown = cids.filter((cid) => !known.has(cid));
  if (unknown.length === 0) return;
  const message = `the file has no unit ${unknown.join(", ")}; it has ${session.cids.join(", ")}`;
  throw problem(file, "cids", message);
}

/** Returns the frames per second after preparation, and the number of file frames per frame. */
function samplingOf({ samplingRate }: Session, { file, sampling }: SessionConfig) {
  const { source_rate, target_rate } = sampling ?? { source_rate: samplingRate, target_rate: samplingRate };
  if (source_rate !== samplingRate) {
    const message = `is ${source_rate}, but the file says ${samplingRate} frames per second`;
    throw problem(file, "sampling.source_rate", message);
  }
  return { samplingRate: target_rate, downsampling: downsamplingFactor({ source_rate, target_rate }, file) };
}

function trainAndValidation(
  { dfs, dfsColumns, trialInds, parts }: ReturnType<typeof joinRecordings>,
  config: SessionConfig,
) {
  const { file, train_val_split: share, seed } = config;
  const longest = longestLag({ lags: stimLags(config), config });
  // Excludes samples whose lags would reach into the previous recording.
  const valid = validFrames(dfs, dfsColumns).filter(
    (t) => t - parts.findLast(({ first }) => first <= t)!.first >= longest,
  );
  if (valid.length === 0)
    throw problem(file, "datafilters", "leave no valid frame; is `n_lags` longer than a trial?");
  const split = splitTrials(trialInds, valid, { share, seed });
  if (split.validation.length > 0) return split;
  throw problem(file, "train_val_split", "leaves no trial to validate on; the session has only one");
}

/** Warns of units without spikes. They are kept, because the others can be trained, but have no bits per spike. */
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

/** Returns the covariates that transforms and filters read; a filter has the name of its covariate. */
function othersRead({ transforms, datafilters }: SessionConfig): string[] {
  const filters = (datafilters.dfs?.ops ?? []).map((op) => onlyOp(op)[0]);
  return [...Object.values(transforms).map(({ source }) => source), ...filters];
}

/** Returns the lags of the stimulus, with the newest frame last; a single number is a single lag. */
function stimLags({ keys_lags }: SessionConfig): number[] {
  const given = keys_lags.stim ?? 0;
  return (typeof given === "number" ? [given] : [...given]).sort((a, b) => b - a);
}
