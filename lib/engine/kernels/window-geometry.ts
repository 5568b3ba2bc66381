import * as tf from "@tensorflow/tfjs-core";

/** The attributes that tfjs passes to kernels with a sliding window; a single number applies to all axes. */
export interface WindowAttributes {
  strides: number | number[];
  pad: "same" | "valid" | number | tf.backend_util.ExplicitPadding;
  dilations?: number | number[] | null;
  dataFormat?: "NHWC" | "NCHW" | "NDHWC" | "NCDHW";
  dimRoundingMode?: "floor" | "round" | "ceil";
}

/** The attributes of a convolution. */
export interface ConvAttributes extends WindowAttributes {
  /** The input's shape, for the input gradient. */
  inputShape?: number[];
  /** The filter's shape, for the filter gradient. */
  filterShape?: number[];
}

/** The movement of a window over an input in TensorFlow's terms: channels last, with padding that is either SAME or done explicitly. */
export interface Geometry {
  strides: number[];
  dilations: number[];
  padding: "SAME" | "VALID";
  /** The input's shape, channels last, as TensorFlow gets it. */
  paddedShape: number[];
  /** Pads an input with zeros (or another value) and puts channels last. */
  pad(x: tf.Tensor, value?: number): tf.Tensor;
  /** Removes the padding: the adjoint of `pad`, except for the order of axes. */
  crop(x: tf.Tensor): tf.Tensor;
  toNHWC(x: tf.Tensor): tf.Tensor;
  fromNHWC(x: tf.Tensor): tf.Tensor;
}

/**
 * Derives the geometry of a window.
 *
 * @param inputShape in the attributes' data format
 * @param filterShape `[...taps, ...]`
 * @param axes the number of spatial (and temporal) axes
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
    // Rounding up lets the window extend beyond the requested padding.
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
