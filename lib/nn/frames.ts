import { tf } from "../engine";

/** Reshapes frames to separate images: `[B, T, H, W, C]` → `[B T, H, W, C]`. Nothing is copied. */
export function asFrames(x_BTHWC: tf.Tensor5D): tf.Tensor4D {
  const [batch, time, ...image] = x_BTHWC.shape;
  return tf.reshape(x_BTHWC, [batch * time, ...image]);
}

/** Restores the shape from before `asFrames`. */
export function asVideo(frames: tf.Tensor4D, batch: number): tf.Tensor5D {
  const [all, ...image] = frames.shape;
  return tf.reshape(frames, [batch, all / batch, ...image]);
}
