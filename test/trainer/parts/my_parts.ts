// User-defined parts, as written with `from "gradbook"`.
import { z } from "zod";
import {
  defineLoss,
  defineOptimizer,
  defineRegularizer,
  defineSampler,
  defineScheduler,
  tf,
} from "../../../lib";

/** The squared error of the rate. */
export const squared = defineLoss(({ rate, robs }) => tf.squaredDifference(rate, robs));

/** `Σ |w|^p` */
export const power = defineRegularizer(z.strictObject({ p: z.number().positive() }), ({ p }) => ({
  kind: "penalty",
  replacesDecay: false,
  of: (weight) => tf.sum(tf.pow(tf.abs(weight), p)) as tf.Scalar,
}));

/** Rounds weights to multiples of lambda. */
export const rounded = defineRegularizer(z.strictObject({}), () => ({
  kind: "proximal",
  map: (weight, lambda) => tf.mul(tf.round(tf.div(weight, lambda)), lambda),
}));

/** Halves the rate after a number of steps. */
export const halving = defineScheduler(
  z.strictObject({ every: z.int().positive() }),
  ({ every }) =>
    ({ step, baseLr }) =>
      baseLr * 0.5 ** Math.floor(step / every),
);

/** Moves each value by the sign of its gradient. */
export const signDescent = defineOptimizer(
  z.strictObject({ scale: z.number().default(1) }),
  ({ scale }, parameters) => ({
    update({ grads, lr }) {
      for (const { name, variable } of parameters)
        variable.assign(tf.sub(variable, tf.mul(tf.mul(tf.sign(grads[name]!), lr[name]!), scale)));
    },
  }),
);

/** Makes batches of one session each, with sessions in turn and samples in order. */
export const byTurns = defineSampler(z.strictObject({}), (_, sizes) => ({
  count: (batchSize, worldSize) => Math.floor(Math.min(...sizes) / (batchSize * worldSize)) * sizes.length,
  *batches({ batchSize, from = 0, rank = 0, worldSize = 1 }) {
    for (let i = from; i < this.count(batchSize, worldSize); i++) {
      const first = (Math.floor(i / sizes.length) * worldSize + rank) * batchSize;
      yield {
        dataset: new Int32Array(batchSize).fill(i % sizes.length),
        index: Int32Array.from({ length: batchSize }, (_, k) => first + k),
      };
    }
  },
}));
