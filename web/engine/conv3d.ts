import * as tf from "@tensorflow/tfjs-core";
import type { Conv3dOptions, Triple } from "../../lib/engine/conv3d";
import { asFrames, asVideo } from "../../lib/nn/shape";

/**
 * Computes `conv3d` of the engine by two-dimensional convolutions: the taps in time become channels of each frame. tfjs's backends compute
 * 2D convolutions by optimised kernels (XNNPACK in WASM), but 3D convolutions by plain loops.
 *
 * @param x `[batch, time, height, width, in]`
 * @param filter `[kt, kh, kw, in, out]`
 * @returns `[batch, time', height', width', out]`
 */
export function conv3d(
  x: tf.Tensor5D,
  filter: tf.Tensor5D,
  { strides = [1, 1, 1], dilations = [1, 1, 1], pad = "valid" }: Conv3dOptions = {},
): tf.Tensor5D {
  const [stride, down, right] = strides;
  if (pad !== "valid")
    throw new Error(`In the browser, conv3d pads "valid" only; it was called with ${pad}.`);
  const frames = unfolded(x, filter.shape[0], stride, dilations[0]);
  const filters = folded(spread(filter, dilations));
  return asVideo(tf.conv2d(asFrames(frames), filters, [down, right], "valid"), x.shape[0]);
}

/** Joins the frames that each output reads, as channels: `[batch, time', height, width, taps * in]`. */
function unfolded(x: tf.Tensor5D, taps: number, stride: number, dilation: number): tf.Tensor5D {
  const [batch, time, height, width, channels] = x.shape;
  const count = Math.floor((time - (taps - 1) * dilation - 1) / stride) + 1;
  const ofTap = (tap: number) => {
    const begin = [0, tap * dilation, 0, 0, 0];
    const length = (count - 1) * stride + 1;
    if (stride === 1) return tf.slice(x, begin, [batch, length, height, width, channels]);
    const rows = tf.range(tap * dilation, tap * dilation + length, stride, "int32");
    return tf.gather(x, rows, 1);
  };
  return tf.concat(Array.from({ length: taps }, (_, tap) => ofTap(tap)) as tf.Tensor5D[], 4);
}

/** Moves the taps in time to the input channels: `[kh, kw, kt * in, out]`. */
function folded(filter: tf.Tensor5D): tf.Tensor4D {
  const [taps, rows, columns, channels, out] = filter.shape;
  const last = taps === 1 ? filter : tf.transpose(filter, [1, 2, 0, 3, 4]);
  return tf.reshape(last, [rows, columns, taps * channels, out]);
}

/** Puts zeros between the taps in space of a dilated filter, because tfjs has no gradient of dilated convolutions. */
function spread(filter: tf.Tensor5D, [, down, right]: Triple): tf.Tensor5D {
  return axisSpread(axisSpread(filter, 1, down), 2, right);
}

function axisSpread(filter: tf.Tensor5D, axis: number, dilation: number): tf.Tensor5D {
  if (dilation === 1) return filter;
  const taps = tf.unstack(filter, axis);
  const gap = tf.zerosLike(taps[0]!);
  const spaced = taps.flatMap((tap, i) => [...(i > 0 ? Array(dilation - 1).fill(gap) : []), tap]);
  return tf.stack(spaced, axis) as tf.Tensor5D;
}
