import { ConfigError } from "../base/config";
import { Random } from "../base/random";
import { torchPermutation } from "../base/random/torch-permutation";
import type { joinRecordings } from "./join-recordings";
import type { PreparedRecording } from "./prepare-recording";
import { longestLag } from "./session-lags";
import type { SessionConfig } from "./session-schema";

/** The frames to train on, and those of other trials to validate on. */
interface Split {
  readonly train: Int32Array;
  readonly validation: Int32Array;
}

/** The share of trials to train on, and the seed. */
interface SplitOptions {
  readonly share: number;
  readonly seed: number;
}

/**
 * Divides the valid frames of a session by trials.
 *
 * @param joined the recordings, one after another
 * @throws ConfigError when no valid frame is left, or none to train or to validate on
 */
export function trainAndValidation(
  joined: ReturnType<typeof joinRecordings>,
  recordings: readonly PreparedRecording[],
  config: SessionConfig,
): Split {
  const { dfs, dfsColumns, trialInds, parts } = joined;
  const { file, train_val_split: share, seed } = config;
  const fail = (path: string, message: string) => new ConfigError(file, [{ path, message }]);
  const longest = longestLag({ config });
  // Excludes samples whose lags would reach into the previous recording.
  const valid = validFrames(dfs, dfsColumns).filter(
    (t) => t - parts.findLast(({ first }) => first <= t)!.first >= longest,
  );
  if (valid.length === 0) throw fail("datafilters", "leave no valid frame; is `n_lags` longer than a trial?");
  const split =
    config.split === "torch"
      ? splitEachType(parts, recordings, valid, { share, seed })
      : splitTrials(trialInds, valid, { share, seed });
  const lacks = split.train.length === 0 ? "train" : split.validation.length === 0 ? "validate" : undefined;
  if (!lacks) return split;
  const single = new Set(valid.map((t) => trialInds[t]!)).size === 1;
  throw fail(
    "train_val_split",
    `leaves no trial to ${lacks} on${single ? "; the session has only one" : ""}`,
  );
}

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
export function splitTrials(trials: Int32Array, valid: Int32Array, { share, seed }: SplitOptions): Split {
  const order = new Random(seed, "split").shuffle([...new Set(valid.map((t) => trials[t]!))]);
  const wanted = Math.round(share * order.length);
  const train = order.slice(0, Math.min(Math.max(wanted, 1), Math.max(order.length - 1, 1)));
  return splitFrames(trials, valid, train);
}

/**
 * Divides the trials of one stimulus type as the PyTorch package does: `int(n * share)` of its n trials are for training, in the order of
 * `torch.randperm`. Trials without a valid frame count, too.
 *
 * @param trials the trial of each frame of the stimulus type
 * @param valid its frames that count
 */
export function splitTrialsAsTorch(
  trials: Int32Array,
  valid: Int32Array,
  { share, seed }: SplitOptions,
): Split {
  const all = [...new Set(trials)].sort((a, b) => a - b);
  const order = torchPermutation(all.length, seed).subarray(0, Math.trunc(all.length * share));
  return splitFrames(
    trials,
    valid,
    Array.from(order, (i) => all[i]!),
  );
}

/** Divides the trials of each stimulus type as the PyTorch package does. */
function splitEachType(
  parts: ReturnType<typeof joinRecordings>["parts"],
  recordings: readonly PreparedRecording[],
  valid: Int32Array,
  options: SplitOptions,
): Split {
  const each = parts.map(({ first, frames }, i) => {
    const own = valid.filter((t) => t >= first && t < first + frames).map((t) => t - first);
    const { train, validation } = splitTrialsAsTorch(recordings[i]!.trialInds, own, options);
    return { train: train.map((t) => t + first), validation: validation.map((t) => t + first) };
  });
  const all = (part: keyof Split) => Int32Array.from(each.flatMap((split) => [...split[part]]));
  return { train: all("train"), validation: all("validation") };
}

/** Divides frames by their trials. */
function splitFrames(trials: Int32Array, valid: Int32Array, train: readonly number[]): Split {
  const chosen = new Set(train);
  return {
    train: valid.filter((t) => chosen.has(trials[t]!)),
    validation: valid.filter((t) => !chosen.has(trials[t]!)),
  };
}
