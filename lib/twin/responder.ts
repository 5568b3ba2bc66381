import { ConfigError } from "../base/config";
import { type Compiled, compile, tf } from "../engine";
import type { Model, ModelBatch, StageTap } from "../model";
import { type FramesOptions, type Stimulus, StimulusFrames, type TwinView } from "./stimulus";

/** The number of frames whose results one call of the compiled function computes. */
const FRAMES = 256;

/** The inputs of the compiled function, beside the constants. */
interface Inputs extends tf.TensorContainerObject {
  /** The frames, from the longest lag before the first predicted one: `[FRAMES + longest, height * width * channels]`. */
  movie: tf.Tensor2D;
  /** The session of each sample, `[FRAMES]`. */
  dataset: tf.Tensor1D;
  /** `[FRAMES, behaviors]`, over all lags. */
  behavior: tf.Tensor2D;
  /** `[FRAMES, 2]` */
  eyepos: tf.Tensor2D;
}

/** Inputs of a response besides the stimulus. */
export interface Covariates {
  /** `[frames, variables]` */
  readonly behavior?: Float32Array;
  /** `[frames, 2]` */
  readonly eyepos?: Float32Array;
}

/** A part of a result: the values of some frames for one session. */
export interface ComputedFrames {
  readonly session: number;
  /** The first frame, and the number of frames. */
  readonly from: number;
  readonly count: number;
  /** `[frames, ...]`; rows after `count` are padding. The receiver disposes it. */
  readonly result: tf.Tensor;
}

/** Computes something for each frame of a movie, in parts. */
export class Responder {
  private readonly step: Compiled<[Inputs], tf.Tensor>;
  private readonly longest: number;
  /** The number of variables of behaviour at one frame. */
  private readonly variables: number;

  /** @param compute computes the result of a batch, `[B, ...]`. Traced. */
  constructor(
    private readonly view: TwinView,
    behaviors: number,
    private readonly behaviorLags: readonly number[],
    compute: (batch: ModelBatch) => tf.Tensor,
  ) {
    const { height, width, channels, lags } = view;
    const longest = Math.max(...lags);
    this.longest = longest;
    this.variables = behaviors / behaviorLags.length;
    this.step = compile(({ movie, ...inputs }: Inputs) => {
      const rows = Array.from({ length: FRAMES }, (_, t) => lags.map((lag) => t + longest - lag));
      const windows = tf.gather(movie, tf.tensor2d(rows, [FRAMES, lags.length], "int32"));
      const stim = tf.reshape(windows, [FRAMES, lags.length, height, width, channels]) as tf.Tensor5D;
      return compute({ stim, ...inputs });
    });
  }

  /** Yields the results of all frames, for each of the sessions. */
  async *respond(
    stimulus: Stimulus,
    sessions: readonly number[],
    { behavior, eyepos, ...how }: Covariates & FramesOptions,
  ): AsyncGenerator<ComputedFrames> {
    const { view, longest, variables, behaviorLags } = this;
    const movie = new StimulusFrames(stimulus, view, how);
    const { frames } = movie;
    requireRows("behavior", behavior, frames, variables);
    requireRows("eyepos", eyepos, frames, 2);
    for (let from = 0; from < frames; from += FRAMES) {
      const inputs = {
        movie: tf.tensor2d(movie.read(from - longest, from + FRAMES), [FRAMES + longest, pixelsOf(view)]),
        behavior: tf.tensor2d(rowsOf(behavior, variables, from, behaviorLags), [
          FRAMES,
          variables * behaviorLags.length,
        ]),
        eyepos: tf.tensor2d(rowsOf(eyepos, 2, from, [0]), [FRAMES, 2]),
      };
      try {
        for (const session of sessions) {
          const dataset = tf.fill([FRAMES], session, "int32") as tf.Tensor1D;
          const result = await this.step({ ...inputs, dataset });
          dataset.dispose();
          yield { session, from, count: Math.min(FRAMES, frames - from), result };
        }
      } finally {
        tf.dispose(inputs);
      }
    }
  }

  dispose(): void {
    this.step.dispose();
  }
}

const pixelsOf = ({ height, width, channels }: TwinView) => height * width * channels;

/**
 * Computes the rates of a batch in evaluation mode, never their logarithms. Inputs that the model does not read are ignored, and a spike
 * history is silent. Traced.
 */
export function ratesOf(model: Model, batch: ModelBatch, tap?: StageTap): tf.Tensor2D {
  const { historyLags } = model.plan;
  const size = batch.dataset!.shape[0];
  const history = tf.zeros([size, historyLags, model.unitDataset.length]) as tf.Tensor3D;
  const given = historyLags > 0 ? { ...batch, history } : batch;
  const rate = model.forward(given, { training: false }, tap);
  return model.logRate ? tf.exp(rate) : rate;
}

/** Returns the rows of some frames at each lag, `[FRAMES, lags * columns]`; 0 where there is no such frame. */
function rowsOf(
  values: Float32Array | undefined,
  columns: number,
  from: number,
  lags: readonly number[],
): Float32Array {
  const rows = new Float32Array(FRAMES * lags.length * columns);
  if (!values) return rows;
  for (let t = 0; t < FRAMES; t++)
    for (const [l, lag] of lags.entries()) {
      const row = from + t - lag;
      if (row >= 0 && (row + 1) * columns <= values.length)
        rows.set(values.subarray(row * columns, (row + 1) * columns), (t * lags.length + l) * columns);
    }
  return rows;
}

function requireRows(name: string, values: Float32Array | undefined, frames: number, columns: number): void {
  if (!values || values.length === frames * columns) return;
  const must =
    columns === 0
      ? "the model reads none; leave it out"
      : `it must be [${frames}, ${columns}]: a row for each frame of the stimulus`;
  throw new ConfigError("respond", [{ path: name, message: `has ${values.length} numbers; ${must}` }]);
}
