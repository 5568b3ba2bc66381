import { compile, tf } from "../engine";
import type { TwinView } from "../twin/stimulus";
import type { DrawnStimulus } from "./gratings";
import type { Observer } from "./observer";
import type { Windows } from "./windows";

/** The largest number of stimuli in one call of the compiled function. */
const BATCH = 256;

/**
 * Returns the size of parts into which a number of things is divided. The parts are as equal as possible, so that a compiled function that
 * serves all of them, the last one filled up, computes little that nobody needs.
 */
export function partSize(count: number, largest: number): number {
  const parts = Math.max(1, Math.ceil(count / largest));
  return Math.max(1, Math.ceil(count / parts));
}

/**
 * Shows stimuli to units, each as the window before one bin.
 *
 * @returns the rates, `[stimuli, units]`
 */
export async function present<T>(
  observer: Observer,
  { row, draw }: DrawnStimulus<T>,
  stimuli: readonly T[],
): Promise<Float32Array> {
  const numbers = (i: number) => row(stimuli[i]!);
  return inBatches(observer, stimuli.length, numbers, (rows) => draw(rows, observer.view));
}

/**
 * Shows windows of contrast to units.
 *
 * @param shown windows of all lags, `[count, lags, height, width]`, or still images that are shown during all lags, `[count, height, width]`
 * @returns the rates, `[count, units]`
 * @throws RangeError when the number of values fits neither
 */
export async function presentWindows(observer: Observer, shown: Windows): Promise<Float32Array> {
  const { view } = observer;
  const { count, values } = shown;
  const size = values.length / count;
  const frame = view.height * view.width;
  if (count > 0 && size !== frame && size !== frame * view.lags.length)
    throw new RangeError(
      `presentWindows: ${count} windows have ${values.length} values, but a window of the model has ${view.lags.length} × ${view.height} × ${view.width}`,
    );
  const numbers = (i: number) => values.subarray(i * size, (i + 1) * size);
  return inBatches(observer, count, numbers, (rows) => windowsOf(rows, view));
}

/** Returns windows of all lags from rows of pixels; still images are repeated. Traced. */
function windowsOf(rows: tf.Tensor2D, { height, width, lags }: TwinView): tf.Tensor4D {
  const lagsOfRow = rows.shape[1] / (height * width);
  const frames = tf.reshape(rows, [-1, lagsOfRow, height, width]) as tf.Tensor4D;
  return tf.tile(frames, [1, lags.length / lagsOfRow, 1, 1]);
}

/** Computes the rates of stimuli that are drawn from rows of numbers. */
async function inBatches(
  { units, rates }: Observer,
  count: number,
  numbersOf: (stimulus: number) => ArrayLike<number>,
  draw: (rows: tf.Tensor2D) => tf.Tensor4D,
): Promise<Float32Array> {
  const step = compile((rows: tf.Tensor2D) => rates(draw(rows)));
  const found = new Float32Array(count * units.length);
  const size = partSize(count, BATCH);
  try {
    for (let from = 0; from < count; from += size) {
      const own = Math.min(size, count - from);
      // The last batch is filled up with its first stimulus, so that one compiled function serves all batches.
      const all = Array.from({ length: size }, (_, i) => numbersOf(from + (i < own ? i : 0)));
      const columns = all[0]!.length;
      const values = new Float32Array(size * columns);
      for (const [i, numbers] of all.entries()) values.set(numbers, i * columns);
      const rows = tf.tensor2d(values, [size, columns]);
      const result = await step(rows);
      found.set(result.dataSync<"float32">().subarray(0, own * units.length), from * units.length);
      tf.dispose([rows, result]);
    }
  } finally {
    step.dispose();
  }
  return found;
}
