import { gaborFilter, type UnitTruth } from "../../lib/data/simulate/unit";
import { tf } from "../../lib/engine";
import type { Observer } from "../../lib/insilico";

const [SIZE, LAGS, RATE] = [17, 11, 120];
/** The simulator's constants (docs/simulation.md): half saturation, and the time constant of normalisation in frames. */
const [SEMI_SATURATION, TAU] = [0.9, 6];

/** The simulator's own units as they respond at rest: docs/simulation.md gives the equations. Differentiable. */
export function trueModel(units: readonly UnitTruth[]): Observer {
  const lags = Array.from({ length: LAGS }, (_, i) => LAGS - 1 - i);
  const filters = units.flatMap((unit) => {
    const of = (phase: number) => gaborFilter(SIZE, { ...unit, phase }).map((value) => value / unit.sigma);
    return [of(unit.phase), of(unit.phase + Math.PI / 2)];
  });
  const complex = units.map(({ kind }) => Number(kind === "complex"));
  const kernels = units.flatMap(({ temporalKernel }) => {
    const taps = lags.map((lag) => temporalKernel[lag] ?? 0);
    return [taps, taps];
  });
  const pools = units.map((unit) => poolOf(unit));
  const memory = lags.map((lag) => (1 - Math.exp(-1 / TAU)) * Math.exp(-lag / TAU));
  const ofUnits = (key: "gain" | "baseline" | "normalisation") => tf.tensor1d(units.map((unit) => unit[key]));
  return {
    view: { height: SIZE, width: SIZE, channels: 1, lags, samplingRate: RATE, pixelsPerDegree: 12 },
    units: units.map(({ cid }) => `unit ${cid}`),
    rates: (contrast) => {
      const [batch] = contrast.shape;
      const frames = tf.reshape(contrast, [batch * LAGS, SIZE * SIZE]);
      const perFrame = (maps: readonly ArrayLike<number>[]) => {
        const matrix = tf.tensor2d(maps.map((map) => Array.from(map)));
        return (x: tf.Tensor) =>
          tf.reshape(tf.matMul(x as tf.Tensor2D, matrix, false, true), [batch, LAGS, maps.length]);
      };
      const projected = perFrame(filters)(frames);
      const drives = tf.sum(tf.mul(projected, tf.transpose(tf.tensor2d(kernels))), 1);
      const both = tf.reshape(drives, [batch, units.length, 2]);
      const [first, second] = tf.split(both, 2, 2).map((half) => tf.reshape(half, [batch, units.length]));
      const energy = tf.add(tf.square(first!), tf.square(second!));
      const d = tf.where(
        tf.cast(tf.tensor2d([complex]), "bool").tile([batch, 1]),
        energy,
        tf.square(tf.relu(first!)),
      );
      const local = tf.sum(tf.mul(perFrame(pools)(tf.square(frames)), tf.tensor2d(memory, [LAGS, 1])), 1);
      const below = tf.add(tf.add(d, SEMI_SATURATION ** 2), tf.mul(local, ofUnits("normalisation")));
      const rate = tf.add(tf.div(tf.mul(d, ofUnits("gain")), below), ofUnits("baseline"));
      return tf.div(rate, RATE) as tf.Tensor2D;
    },
  };
}

/** Returns a Gaussian twice as wide as the receptive field, with sum 1. */
function poolOf({ y, x, sigma }: UnitTruth): number[] {
  const centre = (SIZE - 1) / 2;
  const values = Array.from({ length: SIZE * SIZE }, (_, p) => {
    const squared = (Math.floor(p / SIZE) - centre - y) ** 2 + ((p % SIZE) - centre - x) ** 2;
    return Math.exp(-squared / (8 * sigma * sigma));
  });
  const sum = values.reduce((a, b) => a + b, 0);
  return values.map((value) => value / sum);
}
