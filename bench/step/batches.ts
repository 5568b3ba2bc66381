import { tf } from "../../lib/engine";
import { Random } from "../../lib/random";
import type { Bench } from "./model-file";

/** A mixed batch on the device. N is the number of all datasets' units. */
export type StepBatch = {
  /** `[B, lags, height, width, 1]`, normalised. */
  stim: tf.Tensor5D;
  /** `[B, behaviorDim]` */
  behavior: tf.Tensor2D;
  /** Spike counts `[B, N]`; 0 where a unit is not of the sample's dataset. */
  robs: tf.Tensor2D;
  /** 1 where the count is valid, else 0, `[B, N]`. */
  mask: tf.Tensor2D;
};

/** Of values that do not matter: uniform pixels, normal behaviour, Poisson counts, nine valid bins in ten. */
export function makeBatches(bench: Bench, behaviorDim: number, count = 4): StepBatch[] {
  return Array.from({ length: count }, (_, i) => makeBatch(bench, behaviorDim, new Random(1, `batch ${i}`)));
}

function makeBatch(bench: Bench, behaviorDim: number, random: Random): StepBatch {
  const { batch_size: size, lags, height, width, units } = bench;
  const samples = samplesOf(size, units.length);
  const dataset = samples.flatMap((n, i) => Array<number>(n).fill(i));
  const unitDataset = units.flatMap((n, i) => Array<number>(n).fill(i));
  const own = dataset.flatMap((sample) => unitDataset.map((unit) => sample === unit));
  const draw = (length: number, value: () => number) => Float32Array.from({ length }, value);
  const ofUnits = (value: () => number) =>
    tf.tensor2d(
      Float32Array.from(own, (is) => (is ? value() : 0)),
      [size, unitDataset.length],
    );
  return {
    stim: tf.tensor5d(
      draw(size * lags * height * width, () => (random.below(256) - 127) / 255),
      [size, lags, height, width, 1],
    ),
    behavior: tf.tensor2d(
      draw(size * behaviorDim, () => random.normal()),
      [size, behaviorDim],
    ),
    robs: ofUnits(() => random.poisson(0.3)),
    mask: ofUnits(() => (random.uniform() < 0.9 ? 1 : 0)),
  };
}

/** The batch split over the datasets as evenly as it goes: 32 over three are 11, 11, 10. */
export function samplesOf(size: number, datasets: number): number[] {
  return Array.from(
    { length: datasets },
    (_, i) => Math.floor(size / datasets) + (i < size % datasets ? 1 : 0),
  );
}
