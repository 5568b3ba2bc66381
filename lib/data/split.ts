import { Random } from "../base/random";

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
