import { z } from "zod";
import { tf } from "../engine";
import type { Weights } from "../nn";
import { kernel, kernelOptions } from "../nn/kernel";
import type { ModelConfig } from "./config";

/** A convolution's kernel as it acts: window and weight norm included. */
export interface SpatialKernel {
  /** The layer, such as `convnet.layers.0.main.conv`. */
  readonly name: string;
  /** `[time, height, width, in, out]`. */
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

const options = z.object(kernelOptions);

/**
 * The kernels of a model's frontend and convnet that reach over space.
 *
 * @param names of all its weights
 */
export function spatialKernels(
  config: ModelConfig,
  names: Iterable<string>,
  weights: Weights,
): SpatialKernel[] {
  return [...names].flatMap((name) => {
    const [, layer] = /^((?:frontend|convnet)\b.*)\.weight(?:_v)?$/.exec(name) ?? [];
    const shape = layer ? weights(name).shape : [];
    if (!layer || shape.length !== 5 || shape[1]! * shape[2]! === 1) return [];
    const made = kernel(shape as [number, number, number, number, number], optionsOf(config, layer));
    const values = tf.tidy(() => made.effective((leaf) => weights(`${layer}.${leaf}`)).dataSync());
    return [{ name: layer, shape, values: values as Float32Array }];
  });
}

/** The options of a layer's convolution, from where its block stands in the configuration. */
function optionsOf({ frontend, convnet }: ModelConfig, layer: string) {
  const [stage, part, number] = layer.split(".");
  const { stem_config, block_configs } = convnet.params as {
    stem_config?: Block;
    block_configs?: readonly Block[];
  };
  const block =
    stage === "frontend"
      ? (frontend.params as Block)
      : part === "stem"
        ? stem_config
        : block_configs?.[Number(number)];
  // A shortcut's projection has none.
  return options.parse(/\.shortcut$/.test(layer) ? {} : (block?.conv_params ?? {}));
}

interface Block {
  conv_params?: Readonly<Record<string, unknown>>;
}
