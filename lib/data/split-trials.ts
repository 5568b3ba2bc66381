import { Random } from "../base/random";
import { torchPermutation } from "../base/random/torch-permutation";
import type { Presentation } from "./stimuli";

/** The frames to train on, and those of other trials to validate on. */
export interface Halves {
  readonly train: Int32Array;
  readonly validation: Int32Array;
}

/** The share of trials to train on, and the seed. */
export interface SplitOptions {
  readonly share: number;
  readonly seed: number;
}

/** Presentations of the same stimulus, in groups. */
export type Repeats = readonly (readonly Presentation[])[];

/** Returns the frames on which a bin of any unit counts. @param columns the number of columns of `dfs` `[T, columns]` */
export function validFrames(dfs: Uint8Array, columns: number): Int32Array {
  const frames = Int32Array.from({ length: dfs.length / columns }, (_, t) => t);
  return frames.filter((t) => dfs.subarray(t * columns, (t + 1) * columns).some((on) => on > 0));
}

/**
 * Divides trials, not frames, into training and validation, so that no trial is in both. Trials that show the same stimulus stay
 * together, and count as one trial, unless the session has no other stimulus.
 *
 * @param trials the trial of each frame
 * @param share the share of trials to train on; both sides get at least one trial if there are two or more
 * @param repeats presentations of the same stimulus, in groups. Default: none
 */
export function splitTrials(
  trials: Int32Array,
  valid: Int32Array,
  { share, seed, repeats = [] }: SplitOptions & { repeats?: Repeats },
): Halves {
  const all = [...new Set(valid.map((t) => trials[t]!))];
  const stimulusOf = new Map(
    repeats.flatMap((group) => group.map(({ trial }) => [trial, group[0]!.trial] as const)),
  );
  const groupOf = (trial: number) => stimulusOf.get(trial) ?? trial;
  const groups = new Set(all.map(groupOf));
  const together = groups.size > 1 || all.length === 1;
  const order = new Random(seed, "split").shuffle(together ? [...groups] : all);
  const wanted = Math.round(share * order.length);
  const train = new Set(order.slice(0, Math.min(Math.max(wanted, 1), Math.max(order.length - 1, 1))));
  return splitFrames(trials, valid, together ? all.filter((trial) => train.has(groupOf(trial))) : [...train]);
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
): Halves {
  const all = [...new Set(trials)].sort((a, b) => a - b);
  const order = torchPermutation(all.length, seed).subarray(0, Math.trunc(all.length * share));
  return splitFrames(
    trials,
    valid,
    Array.from(order, (i) => all[i]!),
  );
}

/** Divides frames by their trials. */
function splitFrames(trials: Int32Array, valid: Int32Array, train: readonly number[]): Halves {
  const chosen = new Set(train);
  return {
    train: valid.filter((t) => chosen.has(trials[t]!)),
    validation: valid.filter((t) => !chosen.has(trials[t]!)),
  };
}
