import { tf } from "../engine";
import type { VideoShape } from "./shape";

/** A layer restricted to its newest output frames. */
export interface Newest<Layer> {
  /** Computes only these frames, from the newest `needs` frames of the input. */
  readonly plan: Layer;
  /** The number of newest input frames that the outputs depend on. */
  readonly needs: number;
}

/** A layer that may be able to compute only its newest output frames. */
export interface Restrictable<Layer> {
  readonly output: VideoShape;
  newest?(frames: number): Newest<Layer>;
}

/**
 * Restricts a layer to its newest output frames where possible, so that a readout of the last frame does not cause the computation of
 * unused frames. A layer that mixes all frames (a norm over time, a recurrence) is not restricted.
 *
 * @param time the number of input frames
 */
export function newestOf<Layer extends Restrictable<Layer>>(
  layer: Layer,
  frames: number,
  time: number,
): Newest<Layer> {
  const whole = frames === layer.output.time || !layer.newest;
  return whole ? { plan: layer, needs: time } : layer.newest!(frames);
}

/** Makes a layer restrictable when each of its output frames depends only on the input frame at the same time. */
export function perFrame<Layer extends { output: VideoShape; flops: number; kept?: number }>(
  layer: Layer,
): Layer & { newest(frames: number): Newest<Layer> } {
  const newest = (frames: number): Newest<Layer> => {
    const share = frames / layer.output.time;
    const plan = {
      ...layer,
      output: { ...layer.output, time: frames },
      flops: layer.flops * share,
      ...(layer.kept === undefined ? {} : { kept: layer.kept * share }),
    };
    return { plan, needs: frames };
  };
  return { ...layer, newest };
}

/** Returns the newest frames of a video, `[B, frames, H, W, C]`. */
export function newestFrames(x_BTHWC: tf.Tensor5D, frames: number): tf.Tensor5D {
  const [batch, time, height, width, channels] = x_BTHWC.shape;
  if (frames === time) return x_BTHWC;
  return tf.slice(x_BTHWC, [0, time - frames, 0, 0, 0], [batch, frames, height, width, channels]);
}
