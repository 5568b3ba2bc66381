import * as tf from "@tensorflow/tfjs-core";
import { getTFDType, type NodeJSKernelBackend } from "#tfjs/backend";
import { dilatesNatively, gatherTaps, reach, spreadTaps } from "./dilation";
import { attr, kernel } from "./kernel";
import { byPairs, gainsByPairs } from "./paired-columns";
import { type ConvAttributes, type Geometry, geometry } from "./window-geometry";

/**
 * The convolutions and their gradients, each for any stride, dilation and padding. tfjs-node's own kernels lack
 * dilation in the gradients, padding by numbers, and both in 3-D.
 */

/** TensorFlow's names for a convolution, its input gradient and its filter gradient. */
interface Family {
  forward: string;
  backpropInput: string;
  backpropFilter: string;
  /** The number of spatial (and temporal) axes: 2 or 3. */
  axes: 2 | 3;
}

const FAMILIES: readonly Family[] = [
  {
    forward: "Conv2D",
    backpropInput: "Conv2DBackpropInput",
    backpropFilter: "Conv2DBackpropFilter",
    axes: 2,
  },
  {
    forward: "DepthwiseConv2dNative",
    backpropInput: "DepthwiseConv2dNativeBackpropInput",
    backpropFilter: "DepthwiseConv2dNativeBackpropFilter",
    axes: 2,
  },
  {
    forward: "Conv3D",
    backpropInput: "Conv3DBackpropInputV2",
    backpropFilter: "Conv3DBackpropFilterV2",
    axes: 3,
  },
];

/** Returns the kernels of one family. Names follow tfjs: `x` is the input, `dy` the gradient of the output. */
function kernels({ forward, backpropInput, backpropFilter, axes }: Family): tf.KernelConfig[] {
  const at = (x: number[], filter: number[], attributes: ConvAttributes) =>
    geometry(x, filter, attributes, axes);
  return [
    kernel(forward, ({ x, filter }: Inputs, attributes: ConvAttributes, backend) => {
      const g = at(x.shape, filter.shape, attributes);
      const native = undilated(g) || (inferred(g) && dilates(backend, forward, axes));
      const seen = withoutIdleStrides(g.pad(x), filter, g);
      return g.fromNHWC(
        native
          ? execute(backend, forward, [seen.x, filter], seen.g)
          : execute(backend, forward, [seen.x, spreadTaps(filter, g.dilations)], plain(seen.g)),
      );
    }),
    kernel(backpropInput, ({ dy, filter }: Inputs, attributes: ConvAttributes, backend) => {
      const g = at(attributes.inputShape!, filter.shape, attributes);
      if (undilated(g) && !forward.startsWith("Depthwise") && gainsByPairs(g, filter)) {
        const gradient = (dy: tf.Tensor, filter: tf.Tensor, shape: number[]) =>
          execute(backend, backpropInput, [sizes(shape), filter, dy], g);
        return g.fromNHWC(g.crop(byPairs(g.toNHWC(dy), filter, g.paddedShape, gradient)));
      }
      const native = undilated(g) || dilates(backend, backpropInput, axes);
      const spread = native ? filter : spreadTaps(filter, g.dilations);
      const inputs = [sizes(g.paddedShape), spread, g.toNHWC(dy)];
      return g.fromNHWC(g.crop(execute(backend, backpropInput, inputs, native ? g : plain(g))));
    }),
    kernel(backpropFilter, ({ x, dy }: Inputs, attributes: ConvAttributes, backend) => {
      const shape = attributes.filterShape!;
      const g = at(x.shape, shape, attributes);
      const native = undilated(g) || dilates(backend, backpropFilter, axes);
      const result = (filterShape: number[], g: Geometry) =>
        execute(backend, backpropFilter, [g.pad(x), sizes(filterShape), g.toNHWC(dy)], g);
      if (native) return result(shape, g);
      const spreadShape = shape.map((taps, axis) => reach(taps, g.dilations[axis] ?? 1));
      return gatherTaps(result(spreadShape, plain(g)), g.dilations);
    }),
  ];
}

interface Inputs {
  x: tf.Tensor;
  filter: tf.Tensor;
  dy: tf.Tensor;
}

/**
 * Sets the stride to 1 along axes where the window has only one position, which does not change the result. oneDNN returns wrong values
 * when an image of one channel is so narrow that a stride leaves one column of many rows.
 */
function withoutIdleStrides(x: tf.Tensor, filter: tf.Tensor, g: Geometry): { x: tf.Tensor; g: Geometry } {
  const spans = g.strides.map((_, i) => reach(filter.shape[i]!, g.dilations[i]!));
  const idle = g.strides.map((by, i) => {
    return g.padding === "VALID" && by > 1 && x.shape[i + 1]! < spans[i]! + by;
  });
  if (!idle.includes(true)) return { x, g };
  const size = x.shape.map((length, axis) => (idle[axis - 1] ? spans[axis - 1]! : length));
  const strides = g.strides.map((by, i) => (idle[i] ? 1 : by));
  return { x: tf.slice(x, Array(x.rank).fill(0), size), g: { ...g, strides } };
}

const sizes = (shape: readonly number[]) => tf.tensor1d([...shape], "int32");
const undilated = ({ dilations }: Geometry) => dilations.every((by) => by === 1);
/** Whether TensorFlow's shape inference, which a graph relies on, is correct: for Conv3D it swaps the dilations of height and width. */
const inferred = ({ dilations }: Geometry) => dilations.length === 2 || dilations[1] === dilations[2];
const plain = (g: Geometry): Geometry => ({ ...g, dilations: g.dilations.map(() => 1) });

type Call = Pick<Geometry, "strides" | "dilations" | "padding">;

function execute(
  backend: NodeJSKernelBackend,
  op: string,
  inputs: tf.Tensor[],
  { strides, dilations, padding }: Call,
) {
  const attributes = [
    // The last input is always a tensor of the convolution's own type; others may be shapes.
    attr.type("T", getTFDType(inputs.at(-1)!.dtype)),
    attr.ints("strides", [1, ...strides, 1]),
    attr.string("padding", padding),
    attr.ints("dilations", [1, ...dilations, 1]),
  ];
  return backend.executeSingleOutput(op, attributes, inputs);
}

/** Whether the op supports dilations, tested on three samples and two taps along each axis. */
function dilates(backend: NodeJSKernelBackend, op: string, axes: number): boolean {
  return dilatesNatively(backend, op, () => {
    const each = (n: number) => Array<number>(axes).fill(n);
    const shapes = { x: [1, ...each(3), 1], filter: [...each(2), 1, 1], dy: [1, ...each(1), 1] };
    const x = tf.zeros(shapes.x);
    const filter = tf.zeros(shapes.filter);
    const dy = tf.zeros(shapes.dy);
    const inputs = op.includes("Filter")
      ? [x, sizes(shapes.filter), dy]
      : op.includes("Input")
        ? [sizes(shapes.x), filter, dy]
        : [x, filter];
    return execute(backend, op, inputs, { strides: each(1), dilations: each(2), padding: "VALID" });
  });
}

/** The kernels of convolutions and of their gradients. */
export const convolutionKernels = FAMILIES.flatMap(kernels);

/** Fused convolutions on top of the engine's convolution kernels. tfjs-node's own fused kernels bypass these and lack their features. */

interface FusedInputs {
  x: tf.Tensor4D;
  filter: tf.Tensor4D;
  bias?: tf.Tensor;
  preluActivationWeights?: tf.Tensor;
}

type Attributes = tf.FusedConv2DAttrs | tf.FusedDepthwiseConv2DAttrs;

const fused = (kernelName: string, convolution: string) =>
  kernel(
    kernelName,
    (
      { x, filter, bias, preluActivationWeights }: FusedInputs,
      attributes: Attributes,
      backend,
    ): tf.Tensor => {
      const { activation, leakyreluAlpha } = attributes;
      const attrs = attributes as unknown as tf.NamedAttrMap;
      const y = tf.engine().runKernel(convolution, { x, filter }, attrs) as tf.Tensor;
      const perChannel = (values: tf.Tensor) =>
        attributes.dataFormat === "NCHW" && values.rank === 1 ? tf.reshape(values, [-1, 1, 1]) : values;
      const biased = bias ? tf.add(y, perChannel(bias)) : y;
      const slopes = preluActivationWeights && perChannel(preluActivationWeights);
      return backend.applyActivation(biased, activation, slopes, leakyreluAlpha);
    },
  );

/** The kernels of fused convolutions. */
export const fusedConvolutionKernels = [
  fused("FusedConv2D", "Conv2D"),
  fused("FusedDepthwiseConv2D", "DepthwiseConv2dNative"),
];
