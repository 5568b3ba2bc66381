import { z } from "zod";
import { tf } from "../../engine";
import { component, type Mode, type Place, type VideoShape, type Weights } from "../../nn";
import { rngOf } from "../../nn/dropout";
import { zeros } from "../../nn/initializers";
import { sessionWeights } from "../../nn/plan";
import { interpolation } from "../adapter/bilinear";
import { ofSessions, type PlannedReadouts, type UnitFacts } from "../stages";
import type { UnitColumns } from "../unit-columns";
import { lastFrame, withBias } from "./linear";
import { planSpread, spreadOptions } from "./spread";
import { bySession, featureOptions, meanOptions, planFeatures, planMeans } from "./units";

const options = z.strictObject({
  bias: z.boolean().default(true),
  /** Whether training draws one position per sample instead of one per batch. */
  batch_sample: z.boolean().default(true),
  ...spreadOptions,
  ...meanOptions,
  ...featureOptions,
});

/**
 * Reads the core's output with feature weights at one point instead of a mask, per unit. In training, the point is drawn from a Gaussian;
 * otherwise it is the Gaussian's mean (Lurz et al. 2021). The features at the point are interpolated between pixels; a point beyond the
 * edge is moved to the edge.
 */
export const gaussian2d = component(
  options,
  (o, at, input: VideoShape, units: readonly number[], facts: UnitFacts = {}) => {
    const { height, width, channels } = input;
    const total = units.reduce((a, b) => a + b, 0);
    const features = planFeatures(o, at, channels, units, facts);
    const positions = planPositions(o, at, input, units, facts);
    const biases = units.flatMap((n, session) =>
      o.bias ? sessionWeights(session, [{ name: "bias", shape: [n], initial: zeros }]) : [],
    );
    const readouts: PlannedReadouts = {
      weights: bySession([...features.weights, ...positions.weights, ...biases]),
      flops: 2 * 5 * channels * Math.max(...units),
      shiftable: true,
      apply: (x, columns, get, mode, offset) => {
        const frame = lastFrame(x);
        const places = positions.of(frame.shape[0], columns, get, mode, offset);
        const { pixels, weights } = corners(places, frame.shape[0], height, width);
        const byUnit = features.of(get).map((each) => tf.transpose(each));
        const rates = tf.sum<tf.Tensor2D>(tf.mul(columns.dots(frame, pixels, byUnit), weights), 1);
        return withBias(rates, o.bias ? ofSessions(units, get, "bias") : undefined, columns);
      },
      biasOf: (session) => (o.bias ? `${session}.bias` : undefined),
      features: (get) => tf.concat(features.of(get), 1),
      masks: {
        apply: (get) => {
          const [y, x] = positions.means(get).map((each) => tf.expandDims<tf.Tensor2D>(each, 0));
          const rows = tf.reshape(interpolation(tf.add(y!, (height - 1) / 2), height), [total, height, 1]);
          const columns = tf.reshape(interpolation(tf.add(x!, (width - 1) / 2), width), [total, 1, width]);
          return tf.reshape(tf.mul(rows, columns), [total, -1]);
        },
        means: (get) => tf.stack(positions.means(get), 1) as tf.Tensor2D,
      },
    };
    return readouts;
  },
);

/** Plans the positions at which units read, from their means and widths. All positions lie inside the frame. */
function planPositions(
  o: z.output<typeof options>,
  at: Place,
  input: VideoShape,
  units: readonly number[],
  facts: UnitFacts,
) {
  const { height, width } = input;
  const total = units.reduce((a, b) => a + b, 0);
  const means = planMeans(o, at, input, units, facts);
  const spread = planSpread(o, units);
  /** Draws a distance from the mean for each position; one draw serves the whole batch without `batch_sample`. */
  const drawn = (batch: number, columns: UnitColumns, get: Weights, mode: Mode): tf.Tensor => {
    const noise = (shape: number[]) => rngOf(mode, at.path).normal(shape, at.path) as tf.Tensor3D;
    if (o.batch_sample) return spread.distances(noise([batch, columns.count, 2]), columns, get);
    const ofUnits = tf.split(tf.reshape(noise([1, total, 2]), [total, 2]), [...units]);
    return spread.distances(columns.values(ofUnits) as tf.Tensor3D, columns, get);
  };
  return {
    weights: [...means.weights, ...spread.weights],
    /** Returns the mean positions of all units, y and x `[N]` each. */
    means: (get: Weights) => {
      const places = tf.expandDims(tf.concat(means.of(get), 0), 0) as tf.Tensor3D;
      return positionsOf(places, height, width).map((each) => tf.squeeze<tf.Tensor1D>(each, [0]));
    },
    /** Returns the positions of a batch, which are drawn in training. */
    of: (batch: number, columns: UnitColumns, get: Weights, mode: Mode, offset?: tf.Tensor2D) => {
      let place = columns.values(means.of(get)) as tf.Tensor3D;
      if (mode.training) place = tf.add(place, drawn(batch, columns, get, mode));
      if (offset) place = tf.add(place, tf.expandDims(offset, 1));
      return positionsOf(place, height, width);
    },
  };
}

/** Clamps positions to the first and last pixel; the gradient is 0 beyond. @returns y and x, `[B or 1, L]` each */
export function positionsOf(places: tf.Tensor3D, height: number, width: number): Positions {
  const [y, x] = tf.split(places, 2, 2).map((each) => tf.squeeze<tf.Tensor2D>(each, [2]));
  // On a single pixel, tfjs's clip is a constant without a gradient; the position needs a gradient of 0.
  const clamp = (at: tf.Tensor2D, size: number) =>
    size === 1 ? tf.mul<tf.Tensor2D>(at, 0) : tf.clipByValue(at, -(size - 1) / 2, (size - 1) / 2);
  return [clamp(y!, height), clamp(x!, width)];
}

/** The positions y and x, `[B or 1, L]` each, in pixels from the centre. */
type Positions = readonly [y: tf.Tensor2D, x: tf.Tensor2D];

/**
 * Returns the four pixels around each position and their weights in bilinear interpolation, with zeros outside of the frame. The gradient
 * at an integer position is the one towards the next pixel, as in grid sampling.
 *
 * @param positions inside the frame
 * @returns `[B, 4, L]` each; the weights are `[1, 4, L]` for positions that all samples share
 */
function corners(
  positions: Positions,
  batch: number,
  height: number,
  width: number,
): { pixels: tf.Tensor3D; weights: tf.Tensor3D } {
  const axis = (index: 0 | 1, size: number) => {
    const at = tf.add(positions[index], (size - 1) / 2);
    const first = tf.floor(at);
    const share = tf.sub(at, first);
    const next = tf.minimum(tf.add(first, 1), size - 1);
    const inside = tf.sub(next, first);
    return [
      { pixel: first, weight: tf.sub(1, share) },
      { pixel: next, weight: tf.mul(share, inside) },
    ];
  };
  const four = axis(0, height).flatMap((y) =>
    axis(1, width).map((x) => ({
      pixel: tf.add(tf.mul(y.pixel, width), x.pixel),
      weight: tf.mul(y.weight, x.weight),
    })),
  );
  const pixels = tf.cast(
    tf.stack(
      four.map(({ pixel }) => pixel),
      1,
    ),
    "int32",
  ) as tf.Tensor3D;
  return {
    pixels: pixels.shape[0] === batch ? pixels : tf.tile(pixels, [batch, 1, 1]),
    weights: tf.stack(
      four.map(({ weight }) => weight),
      1,
    ) as tf.Tensor3D,
  };
}
