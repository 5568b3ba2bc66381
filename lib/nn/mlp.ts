import { z } from "zod";
import { below, type Place } from "../base/config";
import { tf } from "../engine";
import { planActivation } from "./conv-block";
import { planDense, planSpectralDense, type VectorPlan } from "./dense";
import { dropout, dropoutRate } from "./dropout";
import { type Plan, prefixed, scoped } from "./plan";

/** Options of a multilayer perceptron. */
export const mlpOptions = {
  /** The width of each layer; the last one is the width of the output. */
  dims: z.array(z.int().positive()).min(1),
  activation: z.string().nullable().default("gelu"),
  bias: z.boolean().default(true),
  /** Adds the input to the output when their widths agree. */
  residual: z.boolean().default(false),
  last_layer_activation: z.boolean().default(false),
  /** The dropout rate after each hidden layer. */
  dropout: dropoutRate,
};

/** Checked options of a multilayer perceptron. */
export type MlpOptions = z.output<z.ZodObject<typeof mlpOptions>> & {
  readonly act_params?: unknown;
  /** Divides every weight by its largest singular value. Default false. */
  readonly spectral_norm?: boolean;
};

/**
 * Plans dense layers (`layers.{i}`) with activations between them. The last one is linear unless `last_layer_activation` is set.
 *
 * @throws ConfigError for an unknown activation
 */
export function planMlp(inputs: number, options: MlpOptions, at: Place, key = "activation"): VectorPlan {
  const parts: { name: string; plan: VectorPlan }[] = [];
  let width = inputs;
  const add = (name: string, plan: VectorPlan) => {
    parts.push({ name, plan });
    width = plan.width;
  };
  const dense = options.spectral_norm ? planSpectralDense : planDense;
  const { activation, act_params, dropout: rate } = options;
  options.dims.forEach((dim, i) => {
    const hidden = i + 1 < options.dims.length;
    add(`layers.${i}`, dense(width, dim, { bias: options.bias }));
    if (hidden || options.last_layer_activation)
      add(`acts.${i}`, onVectors(planActivation(activation, act_params ?? {}, vector(width), at, key)));
    if (hidden && rate > 0) add(`dropout.${i}`, dropoutOn(width, rate, below(at, `dropout.${i}`)));
  });
  const residual = options.residual && width === inputs;
  return {
    width,
    weights: parts.flatMap(({ name, plan }) => prefixed(name, plan.weights)),
    flops: parts.reduce((sum, { plan }) => sum + plan.flops, 0),
    apply: (x, weights, mode) => {
      const y = parts.reduce((v, { name, plan }) => plan.apply(v, scoped(weights, name), mode), x);
      return residual ? tf.add(y, x) : y;
    },
  };
}

const vector = (channels: number) => ({ time: 1, height: 1, width: 1, channels });

const dropoutOn = (width: number, rate: number, at: Place): VectorPlan => ({
  width,
  weights: [],
  flops: 0,
  apply: (x, _weights, mode) => dropout(x, rate, mode, at.path),
});

/** Adapts an activation to vectors. Activations act on each value or along the last axis, so they accept any rank. */
function onVectors({ output, weights, flops, apply }: Plan): VectorPlan {
  return {
    width: output.channels,
    weights,
    flops,
    apply: (x, get, mode) => apply(x as unknown as tf.Tensor5D, get, mode) as unknown as tf.Tensor2D,
  };
}
