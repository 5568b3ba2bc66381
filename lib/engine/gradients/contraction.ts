import * as tf from "@tensorflow/tfjs-core";
import { formatEinsum, parseEinsum } from "../einsum-equation";
import { BACKEND } from "../kernels/kernel";

/**
 * Gradients of convolutions with dilation, which tfjs rejects, and second derivatives, which tfjs has for only a few. A
 * convolution c(x, f) and its two gradients i(dy, f) and w(x, dy) are linear in both arguments, and the gradient of
 * each is again one of the three.
 */
function family(forward: string, backpropInput: string, backpropFilter: string): tf.GradConfig[] {
  return [
    gradient(forward, ["x", "filter"], (dy, [x, filter], call) => ({
      x: () => call(backpropInput, { dy, filter }, { inputShape: x.shape }),
      filter: () => call(backpropFilter, { x, dy }, { filterShape: filter.shape }),
    })),
    gradient(backpropInput, ["dy", "filter"], (g, [dy, filter], call) => ({
      dy: () => call(forward, { x: g, filter }),
      filter: () => call(backpropFilter, { x: g, dy }, { filterShape: filter.shape }),
    })),
    gradient(backpropFilter, ["x", "dy"], (g, [x, dy], call) => ({
      x: () => call(backpropInput, { dy, filter: g }, { inputShape: x.shape }),
      dy: () => call(forward, { x, filter: g }),
    })),
  ];
}

type Call = (kernel: string, inputs: tf.NamedTensorMap, attributes?: tf.NamedAttrMap) => tf.Tensor;

function gradient(
  kernelName: string,
  inputsToSave: [string, string],
  of: (dy: tf.Tensor, saved: [tf.Tensor, tf.Tensor], call: Call) => Record<string, () => tf.Tensor>,
): tf.GradConfig {
  return {
    kernelName,
    inputsToSave,
    gradFunc: (dy, saved, attrs) => {
      refuseElsewhere(kernelName, attrs);
      const call: Call = (name, inputs, more) =>
        tf.engine().runKernel(name, inputs, { ...attrs, ...more }) as tf.Tensor;
      return of(dy as tf.Tensor, saved as [tf.Tensor, tf.Tensor], call);
    },
  };
}

/** The kernels of other backends ignore `dilations` in a gradient and would return a wrong one. */
function refuseElsewhere(kernelName: string, { dilations }: tf.NamedAttrMap): void {
  const dilated = [dilations ?? 1].flat().some((by) => by !== 1);
  if (dilated && tf.getBackend() !== BACKEND)
    throw new Error(
      `The gradient of ${kernelName} with dilations ${dilations} needs the backend "${BACKEND}"; the active one is ` +
        `"${tf.getBackend()}". Call tf.setBackend("${BACKEND}").`,
    );
}

/** The gradients of convolutions and of their gradients. */
export const convolutionGradients: readonly tf.GradConfig[] = [
  ...family("Conv2D", "Conv2DBackpropInput", "Conv2DBackpropFilter"),
  ...family(
    "DepthwiseConv2dNative",
    "DepthwiseConv2dNativeBackpropInput",
    "DepthwiseConv2dNativeBackpropFilter",
  ),
  ...family("Conv3D", "Conv3DBackpropInputV2", "Conv3DBackpropFilterV2"),
];

/**
 * Returns the gradient to an operand, which is again an einsum: of the result's gradient with the other operand. Labels
 * that only this operand has were summed, so the gradient is repeated along them.
 */
export const einsumGradient: tf.GradConfig = {
  kernelName: "Einsum",
  saveAllInputs: true,
  gradFunc: (dy, saved, attrs) => {
    const { inputs, output } = parseEinsum(
      attrs.equation as string,
      saved.map(({ rank }) => rank),
    );
    const to = (i: number) => () => {
      const labels = inputs[i]!;
      const others = inputs.filter((_, j) => j !== i);
      const known = [...labels].filter((letter) => `${output}${others.join("")}`.includes(letter));
      const sum = tf.einsum(
        formatEinsum({ inputs: [output, ...others], output: known.join("") }),
        dy as tf.Tensor,
        ...saved.filter((_, j) => j !== i),
      );
      const { shape } = saved[i]!;
      const column = [...labels].map((letter, axis) => (known.includes(letter) ? shape[axis]! : 1));
      return tf.broadcastTo(tf.reshape(sum, column), shape);
    };
    return Object.fromEntries(saved.map((_, i) => [i, to(i)]));
  },
};
