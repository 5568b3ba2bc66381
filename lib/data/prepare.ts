import { ConfigError } from "../config";
import { offsets } from "../samplers";
import { checkOthers } from "./check-recording";
import type { SessionConfig } from "./dataset-config";
import { downsample, downsamplingFactor } from "./downsample";
import { onlyOp } from "./ops";
import { type PreparedRecording, prepareRecording } from "./prepare-recording";
import type { PreparedSession } from "./prepared-session";
import type { Session } from "./session";
import { splitTrials, validFrames } from "./split";

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
  requireUnits(session, config);
  const { samplingRate, downsampling } = samplingOf(session, config);
  const columns = cids.map((cid) => session.cids.indexOf(cid));
  for (const type of config.types) checkOthers(file, type, session.recordings[type]!, othersRead(config));
  const recordings = config.types.map((type) =>
    prepareRecording(type, downsample(session.recordings[type]!, downsampling), config, columns),
  );
  const { height, width, dfsColumns } = requireOneSize(recordings, file);

  const lengths = recordings.map(({ frames }) => frames);
  const firsts = offsets(lengths);
  const all = (name: "robs" | "dfs" | "eyepos" | "behavior") =>
    joined(
      Float32Array,
      recordings.map((r) => r[name]),
    );
  const [robs, dfs, behavior] = [all("robs"), all("dfs"), all("behavior")];
  const trialInds = distinctTrials(recordings);
  const lags = stimLags(config);
  const valid = validFrames(dfs, dfsColumns).filter((t) => t >= lags[0]!);
  const { train, validation } = trainAndValidation(trialInds, valid, config);
  warnOfSilent(file, cids, { robs, dfs, dfsColumns, train });
  const stim = () =>
    joined(
      Uint8Array,
      recordings.map((r) => r.stim),
    );
  const ofChosen = <T>(facts: readonly T[]) => columns.map((column) => facts[column]!);
  return {
    name: config.session,
    subject: config.session.split("_")[0]!,
    file,
    cids,
    ...(session.coordinates ? { coordinates: ofChosen(session.coordinates) } : {}),
    ...(session.groups ? { groups: ofChosen(session.groups) } : {}),
    frames: lengths.reduce((sum, length) => sum + length, 0),
    height,
    width,
    samplingRate,
    ...(movie ?? { stim: stim() }),
    robs,
    dfs,
    dfsColumns,
    eyepos: all("eyepos"),
    ...(behavior.length > 0 ? { behavior } : {}),
    trialInds,
    lags,
    train,
    validation,
    parts: config.types.map((type, i) => ({ type, first: firsts[i]!, frames: lengths[i]! })),
    downsampling,
    config,
  };
}

const problem = (file: string, path: string, message: string) => new ConfigError(file, [{ path, message }]);

function requireUnits(session: Session, { file, cids }: SessionConfig): void {
  const unknown = cids.filter((cid) => !session.cids.includes(cid));
  if (unknown.length === 0) return;
  const message = `the file has no unit ${unknown.join(", ")}; it has ${session.cids.join(", ")}`;
  throw problem(file, "cids", message);
}

/** Frames per second as prepared, and how many of the file's make one. */
function samplingOf({ samplingRate }: Session, { file, sampling }: SessionConfig) {
  const { source_rate, target_rate } = sampling ?? { source_rate: samplingRate, target_rate: samplingRate };
  if (source_rate !== samplingRate) {
    const message = `is ${source_rate}, but the file says ${samplingRate} frames per second`;
    throw problem(file, "sampling.source_rate", message);
  }
  return { samplingRate: target_rate, downsampling: downsamplingFactor({ source_rate, target_rate }, file) };
}

/** @returns the first recording: the others' frames are as large */
function requireOneSize(recordings: readonly PreparedRecording[], file: string): PreparedRecording {
  const first = recordings[0]!;
  const { height, width } = first;
  const other = recordings.find((r) => r.height !== height || r.width !== width);
  if (!other) return first;
  const message = `have frames of ${height}×${width} and of ${other.height}×${other.width}; load one of them`;
  throw problem(file, "types", message);
}

function trainAndValidation(trials: Int32Array, valid: Int32Array, config: SessionConfig) {
  const { file, train_val_split: share, seed } = config;
  if (valid.length === 0)
    throw problem(file, "datafilters", "leave no valid frame; is `n_lags` longer than a trial?");
  const split = splitTrials(trials, valid, { share, seed });
  if (split.validation.length > 0) return split;
  throw problem(file, "train_val_split", "leaves no trial to validate on; the session has only one");
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
