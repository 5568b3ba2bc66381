import * as tf from "@tensorflow/tfjs-core";

/** What tfjs passes to kernels that move a window; a number stands for all axes. */
export interface WindowAttributes {
  strides: number | number[];
  pad: "same" | "valid" | number | tf.backend_util.ExplicitPadding;
  dilations?: number | number[] | null;
  dataFormat?: "NHWC" | "NCHW" | "NDHWC" | "NCDHW";
  dimRoundingMode?: "floor" | "round" | "ceil";
}

export interface ConvAttributes extends WindowAttributes {
  /** Of the gradient to the input. */
  inputShape?: number[];
  /** Of the gradient to the filter. */
  filterShape?: number[];
}

/** How a window moves over an input, in TensorFlow's terms: channels last, and padding that is either SAME or done by us. */
export interface Geometry {
  strides: number[];
  dilations: number[];
  padding: "SAME" | "VALID";
  /** The input's shape, channels last, as TensorFlow gets it. */
  paddedShape: number[];
  /** An input as TensorFlow gets it: channels last, zeros (or another value) around it. */
  pad(x: tf.Tensor, value?: number): tf.Tensor;
  /** The adjoint of `pad`, but for the order of axes: what is not padding. */
  crop(x: tf.Tensor): tf.Tensor;
  toNHWC(x: tf.Tensor): tf.Tensor;
  fromNHWC(x: tf.Tensor): tf.Tensor;
}

/**
 * @param inputShape in the attributes' data format
 * @param filterShape `[...taps, ...]`
 * @param axes of space (and time)
 */
export function geometry(
  inputShape: readonly number[],
  filterShape: readonly number[],
  { strides, pad, dilations, dataFormat = "NHWC", dimRoundingMode }: WindowAttributes,
  axes: 2 | 3,
): Geometry {
  const channelsFirst = dataFormat === "NCHW" || dataFormat === "NCDHW";
  const space = Array.from({ length: axes }, (_, i) => i);
  const each = (given: number | number[] | null | undefined) =>
    space.map((i) => (Array.isArray(given) ? given[i]! : (given ?? 1)));
  const length = (axis: number) => inputShape[axis + (channelsFirst ? 2 : 1)]!;
  const channels = inputShape[channelsFirst ? 1 : axes + 1]!;
  const by = { strides: each(strides), dilations: each(dilations) };
  const around = space.map((i): [number, number] => {
    if (typeof pad === "string") return [0, 0];
    const [before, after] = typeof pad === "number" ? [pad, pad] : pad[i + (channelsFirst ? 2 : 1)]!;
    const span = (filterShape[i]! - 1) * by.dilations[i]! + 1;
    const steps = (length(i) + before + after - span) / by.strides[i]!;
    const last = Math[dimRoundingMode ?? "floor"](steps) * by.strides[i]!;
    // Rounding up lets the window reach further than the padding that was asked for.
    return [before, Math.max(after, last + span - before - length(i))];
  });
  const shape = [inputShape[0]!, ...space.map(length), channels];
  const none = around.every(([before, after]) => before + after === 0);
  const paddings = [[0, 0], ...around, [0, 0]] as [number, number][];
  const last = [0, ...space.map((i) => i + 2), 1];
  const first = [0, axes + 1, ...space.map((i) => i + 1)];
  const toNHWC = (x: tf.Tensor) => (channelsFirst ? tf.transpose(x, last) : x);
  return {
    ...by,
    padding: pad === "same" ? "SAME" : "VALID",
    paddedShape: shape.map((size, axis) => size + paddings[axis]![0] + paddings[axis]![1]),
    pad: (x, value = 0) => (none ? toNHWC(x) : tf.pad(toNHWC(x), paddings, value)),
    crop: (x) =>
      none
        ? x
        : tf.slice(
            x,
            paddings.map(([before]) => before),
            shape,
          ),
    toNHWC,
    fromNHWC: (x) => (channelsFirst ? tf.transpose(x, first) : x),
  };
}
