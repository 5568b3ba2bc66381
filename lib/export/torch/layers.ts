import { tf } from "../../engine";
import { below, type Place, scoped, type Triple, type Weights } from "../../nn";
import type { MlpOptions } from "../../nn/mlp";
import { activation, doublesChannels } from "./activations";
import type { Expression } from "./expression";
import { inOrder, type TorchModule, torchModule } from "./module";

/** Returns a triple as one number if its entries are equal. */
export const short = (triple: Triple): number | Triple =>
  triple.every((each) => each === triple[0]) ? triple[0] : triple;

/** Returns an option that is a triple; nothing when each entry is PyTorch's default. */
export const unlessDefault = (name: string, triple: Triple, usual: number): Record<string, Expression> =>
  triple.every((each) => each === usual) ? {} : { [name]: short(triple) };

/** The options of a convolution that differ from PyTorch's defaults. */
interface ConvOptions {
  readonly stride?: Triple;
  readonly dilation?: Triple;
  readonly padding?: Triple;
}

/** Describes a convolution over time, height and width. @param kernel `[time, height, width, in, out]` */
export function conv3d(kernel: tf.Tensor5D, bias?: tf.Tensor, options: ConvOptions = {}): TorchModule {
  const [time, height, width, inChannels, outChannels] = kernel.shape;
  const { stride = ONE, dilation = ONE, padding = NONE } = options;
  return torchModule("nn.Conv3d", [inChannels, outChannels, short([time, height, width])], {
    options: {
      ...unlessDefault("stride", stride, 1),
      ...unlessDefault("dilation", dilation, 1),
      ...unlessDefault("padding", padding, 0),
      ...(bias ? {} : { bias: false }),
    },
    tensors: { weight: tf.transpose(kernel, [4, 3, 0, 1, 2]), bias },
  });
}

const ONE: Triple = [1, 1, 1];
const NONE: Triple = [0, 0, 0];

/** Describes a dense layer. @param weight `[in, out]` */
export function linear(weight: tf.Tensor, bias?: tf.Tensor): TorchModule {
  return torchModule("nn.Linear", [weight.shape[0]!, weight.shape[1]!], {
    options: bias ? {} : { bias: false },
    tensors: { weight: tf.transpose(weight), bias },
  });
}

/** Describes a dense layer of gradbook with the weights `weight` and `bias`. */
export const dense = (get: Weights, bias = true): TorchModule =>
  linear(get("weight"), bias ? get("bias") : undefined);

/** Describes a multilayer perceptron. @param key the key of the activation in the configuration, for errors */
export function mlp(o: MlpOptions, get: Weights, at: Place, key = "activation"): TorchModule {
  const inputs = get("layers.0.weight").shape[0];
  let width = inputs;
  const layers = o.dims.flatMap((_, i) => {
    const layer = scoped(get, `layers.${i}`);
    const weight = o.spectral_norm ? spectral(layer) : layer("weight");
    const isActive = i + 1 < o.dims.length || o.last_layer_activation;
    const active = isActive
      ? activation(o.activation, o.act_params, below(at, key), scoped(get, `acts.${i}`))
      : undefined;
    width = weight.shape[1]! * (isActive && doublesChannels(o.activation) ? 2 : 1);
    return [linear(weight, o.bias ? layer("bias") : undefined), ...(active ? [active] : [])];
  });
  const network = inOrder(layers);
  return o.residual && width === inputs
    ? torchModule("PlusInput", [], { parts: { layer: network } })
    : network;
}

/** Returns a weight divided by its largest singular value, `v W u`. */
function spectral(get: Weights): tf.Tensor {
  return tf.div(get("weight"), tf.dot(get("v"), tf.dot(get("weight"), get("u"))));
}
