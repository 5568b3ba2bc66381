import { tf } from "../engine";

/** Every frame as an image of its own: `[B, T, H, W, C]` → `[B T, H, W, C]`. Nothing moves in memory. */
export function asFrames(x_BTHWC: tf.Tensor5D): tf.Tensor4D {
  const [batch, time, ...image] = x_BTHWC.shape;
  return tf.reshape(x_BTHWC, [batch * time, ...image]);
}

/** The frames of a batch that `asFrames` took apart. */
export function asVideo(frames: tf.Tensor4D, batch: number): tf.Tensor5D {
  const [all, ...image] = frames.shape;
  return tf.reshape(frames, [batch, all / batch, ...image]);
}
