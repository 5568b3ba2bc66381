import { tf } from "../engine";
import type { VideoShape } from "./shape";

/** A layer restricted to its newest output frames. */
export interface Newest<Layer> {
  /** Computes only these frames, from the newest `needs` frames of the input. */
  readonly plan: Layer;
  /** The number of newest input frames that the outputs depend on. */
  readonly needs: number;
}

/** A layer that may know how to compute its newest output frames alone. */
export interface Restrictable<Layer> {
  readonly output: VideoShape;
  newest?(frames: number): Newest<Layer>;
}

/**
 * Restricts a layer to its newest output frames, where it can be: a readout of the last frame then does not pay for
 * frames that it never reads. A layer that mixes all frames (a norm over time, a recurrence) stays whole.
 *
 * @param time the number of frames that reach the layer
 */
export function newestOf<Layer extends Restrictable<Layer>>(
  layer: Layer,
  frames: number,
  time: number,
): Newest<Layer> {
  const whole = frames === layer.output.time || !layer.newest;
  return whole ? { plan: layer, needs: time } : layer.newest!(frames);
}

/** Makes a layer restrictable whose every output frame depends on the input frame at the same time alone. */
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

/** The newest frames of a video, `[B, frames, H, W, C]`. */
export function newestFrames(x_BTHWC: tf.Tensor5D, frames: number): tf.Tensor5D {
  const [batch, time, height, width, channels] = x_BTHWC.shape;
  if (frames === time) return x_BTHWC;
  return tf.slice(x_BTHWC, [0, time - frames, 0, 0, 0], [batch, frames, height, width, channels]);
}
