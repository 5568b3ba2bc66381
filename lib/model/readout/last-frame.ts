import { tf } from "../../engine";

/** Returns the newest frame with flattened pixels: `[B, T, H, W, C]` → `[B, H W, C]`. */
export function lastFrame(x_BTHWC: tf.Tensor5D): tf.Tensor3D {
  const [batch, time, height, width, channels] = x_BTHWC.shape;
  const last =
    time === 1 ? x_BTHWC : tf.slice(x_BTHWC, [0, time - 1, 0, 0, 0], [batch, 1, height, width, channels]);
  return tf.reshape(last, [batch, height * width, channels]);
}

/**
 * Computes `Σ_p mask[p, n] Σ_c features[c, n] frame[b, p, c]`: all masks form one matrix, with one product for the whole batch and all
 * sessions. Masks per sample, `[B, P, N]`, cost more than shared masks, `[P, N]`.
 *
 * @returns `[B, N]`
 */
export function readThrough(
  frame_BPC: tf.Tensor3D,
  masks: tf.Tensor2D | tf.Tensor3D,
  features_CN: tf.Tensor2D,
): tf.Tensor2D {
  const [batch, pixels, channels] = frame_BPC.shape;
  const units = features_CN.shape[1];
  // The product with the smaller result comes first.
  if (masks.rank === 2 && channels < pixels) {
    const byChannel = tf.reshape(tf.transpose(frame_BPC, [0, 2, 1]), [batch * channels, pixels]);
    const seen = tf.matMul(byChannel as tf.Tensor2D, masks as tf.Tensor2D);
    return tf.sum(tf.mul(tf.reshape(seen, [batch, channels, units]), features_CN), 1);
  }
  const byPixel = tf.matMul(tf.reshape(frame_BPC, [batch * pixels, channels]) as tf.Tensor2D, features_CN);
  return tf.sum(tf.mul(tf.reshape(byPixel, [batch, pixels, units]), masks), 1);
}
