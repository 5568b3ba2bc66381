import { z } from "zod";
import { tf } from "../engine";
import { planActivation } from "./conv-block";
import { uniformByFanIn } from "./initializers";
import type { Place } from "./place";
import { type Mode, type Plan, prefixed, scoped, type WeightSpec, type Weights } from "./plan";

/** Options of a multilayer perceptron. */
export const mlpOptions = {
  /** The width of each layer, the last one's is the output's. */
  dims: z.array(z.int().positive()).min(1),
  activation: z.string().nullable().default("gelu"),
  bias: z.boolean().default(true),
  /** Adds the input to the output when their widths agree. */
  residual: z.boolean().default(false),
  last_layer_activation: z.boolean().default(false),
};

export type MlpOptions = z.output<z.ZodObject<typeof mlpOptions>>;

/** A layer on vectors, before it has weights. */
export interface VectorPlan {
  /** Values that come out of it, per sample. */
  readonly width: number;
  readonly weights: readonly WeightSpec[];
  /** Of one sample's forward pass. */
  readonly flops: number;
  /** `[B, inputs]` → `[B, width]`. tfjs ops only: it must compile. */
  apply(x_BN: tf.Tensor2D, weights: Weights, mode: Mode): tf.Tensor2D;
}

/** `x W + b`, `W` `[inputs, width]`. */
export function planDense(
  inputs: number,
  width: number,
  { bias = true, initial = uniformByFanIn(inputs), initialBias = uniformByFanIn(inputs) } = {},
): VectorPlan {
  const weights = [{ name: "weight", shape: [inputs, width], initial }];
  if (bias) weights.push({ name: "bias", shape: [width], initial: initialBias });
  return {
    width,
    weights,
    flops: 2 * inputs * width,
    apply: (x, get) => {
      const y = tf.matMul<tf.Tensor2D>(x, get("weight") as unknown as tf.Tensor2D);
      return bias ? tf.add(y, get("bias")) : y;
    },
  };
}

/**
 * Dense layers with an activation between them, `layers.{i}`; the last one is linear unless `last_layer_activation`.
 *
 * @throws ConfigError for an unknown activation
 */
export function planMlp(inputs: number, options: MlpOptions, at: Place): VectorPlan {
  const parts: { name: string; plan: VectorPlan }[] = [];
  let width = inputs;
  const add = (name: string, plan: VectorPlan) => {
    parts.push({ name, plan });
    width = plan.width;
  };
  options.dims.forEach((dim, i) => {
    add(`layers.${i}`, planDense(width, dim, { bias: options.bias }));
    if (i + 1 < options.dims.length || options.last_layer_activation)
      add(`acts.${i}`, onVectors(planActivation(options.activation, {}, vector(width), at, "activation")));
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

/** Activations act on each value, or along the last axis: they take a tensor of any rank. */
function onVectors({ output, weights, flops, apply }: Plan): VectorPlan {
  return {
    width: output.channels,
    weights,
    flops,
    apply: (x, get, mode) => apply(x as unknown as tf.Tensor5D, get, mode) as unknown as tf.Tensor2D,
  };
}
