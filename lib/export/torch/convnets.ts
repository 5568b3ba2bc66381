import type { tf } from "../../engine";
import { resnet } from "../../model/convnet/resnet";
import { rotationEquivariant } from "../../model/convnet/rotation-equivariant";
import { type BlockOptions, cnn, densenet, type StackOptions } from "../../model/convnet/stack";
import { below, type Place, planConvBlock, scoped, type VideoShape, type Weights } from "../../nn";
import { optionsOf } from "../../nn/component";
import { rotatedConvolution } from "../../nn/conv/rotated";
import { triple } from "../../nn/shape";
import { activation, doublesChannels } from "./activations";
import { convBlock, convolution, edgePadding } from "./conv-block";
import { conv3d } from "./layers";
import { identity, inOrder, sequential, type TorchModule, torchModule } from "./module";
import { norm } from "./norms";
import type { Stage, StageInput } from "./stage";
import { vivit } from "./vivit";

/** A described block, and the shape of its output. */
interface Block {
  readonly module: TorchModule;
  readonly output: VideoShape;
}

/** Describes one block of a stack. */
type DescribeBlock = (o: BlockOptions, channels: number, input: VideoShape, at: Place, get: Weights) => Block;

/** Describes a stem, blocks and a final activation. */
function stack(o: StackOptions, { input, at, get }: StageInput, describe: DescribeBlock): TorchModule {
  const { stem_config: stem } = o;
  let shape = input;
  const add = (block: Block) => {
    shape = block.output;
    return block.module;
  };
  return sequential({
    stem: stem
      ? add(plain(stem, stem.out_channels, shape, below(at, "stem_config"), scoped(get, "stem")))
      : undefined,
    layers: inOrder(
      o.block_configs.map((block, i) => {
        const place = below(at, `block_configs.${i}`);
        return add(describe(block, o.channels[i]!, shape, place, scoped(get, `layers.${i}`)));
      }),
    ),
    final: activation(o.final_activation, {}, below(at, "final_activation"), scoped(get, "final")),
  });
}

/** A block alone. */
const plain: DescribeBlock = (o, channels, input, at, get) => ({
  module: convBlock(o, channels, input.channels, at, get).module,
  output: planConvBlock(o, channels, input, at).plan.output,
});

/** A block whose output is appended to its input. */
const dense: DescribeBlock = (o, channels, input, at, get) => {
  const { module: block, output } = plain(o, channels, input, at, get);
  return {
    module: torchModule("Dense", [], { parts: { block } }),
    output: { ...output, channels: input.channels + output.channels },
  };
};

/** A block with a shortcut around it. @param post the activation of the sum */
const residual =
  (post: string | null): DescribeBlock =>
  (o, channels, input, at, get) => {
    const { plan, stride } = planConvBlock(o, channels, input, at);
    const { output } = plan;
    const projected = input.channels !== output.channels || stride.some((by) => by > 1);
    const after = activation(post, {}, below(at, "resnet_post_add_activation"), scoped(get, "post"));
    return {
      module: torchModule("Residual", [], {
        parts: {
          main: convBlock(o, channels, input.channels, at, scoped(get, "main")).module,
          shortcut: projected
            ? conv3d(get("shortcut.weight") as tf.Tensor as tf.Tensor5D, undefined, { stride })
            : identity,
          post: after ?? identity,
        },
      }),
      output: { ...output, channels: output.channels * (doublesChannels(post) ? 2 : 1) },
    };
  };

/** Describes a convolution whose filters are rotated copies of each other, with the filters multiplied out. */
function rotations({ params, at, get }: StageInput): TorchModule {
  const o = optionsOf(rotationEquivariant, params, at);
  const { num_rotations: count } = o;
  let [channels, features] = [0, 0];
  const layers = o.channels.map((wanted, i) => {
    const layer = scoped(get, `layers.${i}`);
    const [taps, rows, columns] = triple(o.kernel_sizes[i]!);
    const conv = rotatedConvolution({ count, ofInput: i > 0 }).plan(
      { kernel_size: [taps, rows, columns] },
      below(at, `kernel_sizes.${i}`),
      count * wanted,
      false,
    );
    const margin = o.padding ? (rows - 1) / 2 : 0;
    channels = i === 0 ? layer("conv.weight").shape[3]! : features * count;
    features = wanted * (doublesChannels(o.act_type) ? 2 : 1);
    const ofAll = (part: TorchModule | undefined) =>
      part && torchModule("OfAllRotations", [count], { parts: { layer: part } });
    return sequential({
      pad: edgePadding([margin, margin, margin, margin, taps - 1, 0]),
      conv: convolution(conv, channels, scoped(layer, "conv")),
      norm: ofAll(norm(o.norm_type, o.norm_params, below(at, "norm_params"), wanted, scoped(layer, "norm"))),
      act: ofAll(activation(o.act_type, o.act_params, below(at, "act_params"), scoped(layer, "act"))),
    });
  });
  return inOrder(layers);
}

const plainStack: Stage = (stage) => stack(optionsOf(cnn, stage.params, stage.at), stage, plain);

/** `convnet.type` → convnet. */
export const CONVNETS: Readonly<Record<string, Stage>> = {
  none: () => undefined,
  cnn: plainStack,
  vanilla: plainStack,
  resnet: (stage) => {
    const { resnet_post_add_activation: post, ...o } = optionsOf(resnet, stage.params, stage.at);
    return stack(o, stage, residual(post));
  },
  densenet: (stage) => stack(optionsOf(densenet, stage.params, stage.at), stage, dense),
  vivit,
  rotation_equivariant: rotations,
};
