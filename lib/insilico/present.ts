import { compile, tf } from "../engine";
import type { DrawnStimulus } from "./gratings";
import type { Observer } from "./observer";

/** The number of stimuli in one call of the compiled function. */
const BATCH = 256;

/**
 * Shows stimuli to units, each as the window before one bin.
 *
 * @returns the rates, `[stimuli, units]`
 */
export async function present<T>(
  { view, units, rates }: Observer,
  { row, draw }: DrawnStimulus<T>,
  stimuli: readonly T[],
): Promise<Float32Array> {
  const step = compile((rows: tf.Tensor2D) => rates(draw(rows, view)));
  const found = new Float32Array(stimuli.length * units.length);
  try {
    for (let from = 0; from < stimuli.length; from += BATCH) {
      const count = Math.min(BATCH, stimuli.length - from);
      // The last batch is filled up with its first stimulus, so that one compiled function serves all batches.
      const some = Array.from({ length: BATCH }, (_, i) => row(stimuli[from + (i < count ? i : 0)]!));
      const rows = tf.tensor2d(some);
      const result = await step(rows);
      found.set(result.dataSync<"float32">().subarray(0, count * units.length), from * units.length);
      tf.dispose([rows, result]);
    }
  } finally {
    step.dispose();
  }
  return found;
}
