import { z } from "zod";
import { tf } from "../../engine";
import { type AxisMap, type Component, component, type VideoShape, type Weights } from "../../nn";
import { constant } from "../../nn/initializers";
import { sessionWeights } from "../../nn/plan";
import { given, ofEachSample } from "../batch";
import { none } from "../none";
import type { PlannedAdapter } from "../stages";
import { alongBoth, interpolation, sampleAt } from "./bilinear";
import { BLURS, blurMatrices, shortenedBy, TRANSFORMS, type Transform } from "./transforms";

const options = z.strictObject({
  /** The initial width of the blur in pixels. */
  init_sigma: z.number().positive().default(1),
  /** The height and width of the output. */
  grid_size: z.int().min(2).default(25),
  transform: z.enum(Object.keys(TRANSFORMS) as [keyof typeof TRANSFORMS]).default("scale"),
  /** The kind of blur. `even` gives the numbers of the PyTorch package. */
  blur: z.enum(BLURS).default("odd"),
});

/** The factor of the blur width that a frame needs when it is scaled by s < 1: `0.44 (1/s - 1)` pixels. */
const ANTI_ALIAS = 0.44;

/**
 * Adapts each session's frames to the shared core: Gaussian blur, then bilinear resampling to `grid_size`² (zeros outside, corners
 * aligned), both learned. `log_sigma` passes through softplus and is combined in quadrature with the blur that shrinking requires.
 *
 * The whole mixed batch is resampled at once, each sample with its session's parameters. Blur and `scale` are matrices on rows and
 * columns, which are multiplied together before they are applied to the frames.
 */
export const adapter = component(options, (o, _at, input: VideoShape, sessions: number): PlannedAdapter => {
  const { time, channels, ...frame } = input;
  /** The frame that is resampled, and its first pixel on the stimulus. */
  const first = shortenedBy(o.blur);
  const [height, width] = [frame.height - first, frame.width - first];
  const { grid_size: grid } = o;
  const transform: Transform = TRANSFORMS[o.transform];
  const initialSigma = constant(Math.log(Math.expm1(o.init_sigma)));
  const weights = Array.from({ length: sessions }, (_, session) =>
    sessionWeights(session, [
      { name: "log_sigma", shape: [], initial: initialSigma },
      { name: transform.name, shape: transform.shape, initial: transform.initial },
    ]),
  ).flat();
  const parametersOf = (dataset: tf.Tensor1D, get: Weights) => {
    const ofEach = (name: string) => ofEachSample(name, sessions, dataset, get);
    return { logSigma: ofEach("log_sigma"), parameters: ofEach(transform.name) };
  };
  const apply = (x: tf.Tensor5D, dataset: tf.Tensor1D | undefined, get: Weights): tf.Tensor5D => {
    const { rows, columns, positions } = resampling(o, frame, parametersOf(given(dataset, "dataset"), get));
    const seen = alongBoth(x, rows, columns);
    if (!positions) return tf.transpose(seen, [0, 2, 1, 4, 3]);
    const [batch, frames] = x.shape;
    const sampled = sampleAt(
      tf.reshape(tf.transpose(seen, [0, 1, 4, 2, 3]), [batch, height, width, frames * channels]),
      pixels(positions.y, height),
      pixels(positions.x, width),
    );
    return tf.transpose(tf.reshape(sampled, [batch, grid, grid, frames, channels]), [0, 3, 1, 2, 4]);
  };
  const axis = (size: number): AxisMap => ({ scale: (size - 1) / (grid - 1), offset: first });
  return {
    output: { time, height: grid, width: grid, channels },
    weights,
    flops: 2 * time * channels * (grid * frame.height * frame.width + grid * grid * frame.width),
    geometry: { y: axis(height), x: axis(width) },
    apply,
    locate: (points, dataset, get) => {
      const { parameters } = parametersOf(dataset, get);
      const [y, x] = tf.split(tf.sub(tf.mul(points, 2 / (grid - 1)), 1), 2, 1) as [tf.Tensor2D, tf.Tensor2D];
      const to = transform.map(parameters, x, y);
      return tf.add(tf.concat([pixels(to.y, height), pixels(to.x, width)], 1), first);
    },
  };
});

/** The learned parameters of the adapter of each sample, or of one session (B is 1). */
export interface AdapterParameters {
  /** `[B]` */
  readonly logSigma: tf.Tensor;
  /** The parameters of the transform, `[B, ...]`. */
  readonly parameters: tf.Tensor;
}

/** The blur and the resampling of the frames of each sample. */
export interface Resampling {
  /** The matrix on rows, `[B, h, height]`: the blur; for a separable transform also the interpolation, to `grid_size` rows. */
  readonly rows: tf.Tensor3D;
  /** `[B, w, width]` */
  readonly columns: tf.Tensor3D;
  /** The positions on the blurred frame, -1 to 1 between its edges, `[B, grid_size²]` each; undefined for a separable transform. */
  readonly positions?: { readonly x: tf.Tensor2D; readonly y: tf.Tensor2D };
}

/** Returns the blur and the resampling of frames. @param frame the size of the stimulus' frames */
export function resampling(
  { blur, grid_size: grid, transform: name }: z.output<typeof options>,
  frame: Pick<VideoShape, "height" | "width">,
  { logSigma, parameters }: AdapterParameters,
): Resampling {
  const transform: Transform = TRANSFORMS[name];
  const sigma = blurWidth(logSigma, transform.leastStretch(parameters));
  const [rows, columns] = [blurMatrices(sigma, frame.height, blur), blurMatrices(sigma, frame.width, blur)];
  const line = tf.linspace(-1, 1, grid);
  if (transform.separable) {
    const row = tf.expandDims(line, 0) as tf.Tensor2D;
    const to = transform.map(parameters, row, row);
    const onto = (place: tf.Tensor2D, blurred: tf.Tensor3D) =>
      tf.matMul<tf.Tensor3D>(interpolation(pixels(place, blurred.shape[1]), blurred.shape[1]), blurred);
    return { rows: onto(to.y, rows), columns: onto(to.x, columns) };
  }
  const [x, y] = tf.meshgrid(line, line).map((t) => tf.reshape(t, [1, grid * grid]) as tf.Tensor2D);
  return { rows, columns, positions: transform.map(parameters, x!, y!) };
}

/** Returns the width of the blur of each sample in pixels, `[B]`. */
function blurWidth(logSigma: tf.Tensor, leastStretch: tf.Tensor1D): tf.Tensor1D {
  const needed = tf.maximum(tf.mul(tf.sub(tf.div(1, leastStretch), 1), ANTI_ALIAS), 0);
  return tf.sqrt(tf.add(tf.square(needed), tf.square(tf.softplus(logSigma))));
}

/** Converts positions from -1..1 (the centres of the first and the last pixel) to pixels, starting at 0. */
function pixels(place: tf.Tensor2D, size: number): tf.Tensor2D {
  return tf.mul(tf.add(place, 1), (size - 1) / 2);
}

/** `adapter.type` → the adapters of all sessions. */
export const adapters: Record<string, Component<[input: VideoShape, sessions: number], PlannedAdapter>> = {
  none,
  adapter,
};
