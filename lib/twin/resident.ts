import type { PreparedSession } from "../data";
import { gatherRows, tf, uint8Tensor } from "../engine";
import { offsets } from "../samplers";

/** The samples of a batch inside a compiled step. N is the number of all sessions' units, L of the lags. */
export interface Samples {
  /** `[B, L, H, W, 1]`, float32, normalised, newest frame last. */
  stim: tf.Tensor5D;
  /** Spike counts `[B, N]`; 0 where a unit is not of the sample's session. */
  robs: tf.Tensor2D;
  /** 1 where the count is valid, else 0, `[B, N]`. */
  mask: tf.Tensor2D;
}

/**
 * All sessions' data on the device, once: the movies as one uint8 tensor, spikes and filters as rows of frames. A
 * sample is a frame number, so serving a batch moves a few integers; lags are gathered inside the compiled step.
 */
export class ResidentData {
  /** The first row of each session. */
  readonly offsets: number[];
  private readonly movie: ReturnType<typeof uint8Tensor>;
  private readonly robs: tf.Tensor2D;
  private readonly dfs: tf.Tensor2D;
  /** For each of the N units its session, and its column among that session's units. */
  private readonly unitDataset: tf.Tensor1D;
  private readonly unitColumn: tf.Tensor1D;
  private readonly lags: tf.Tensor1D;

  /** @param sessions of one frame size and with the same lags */
  constructor(sessions: readonly PreparedSession[]) {
    const { height, width, lags } = sessions[0]!;
    const frames = sessions.map((s) => s.frames);
    const total = frames.reduce((a, b) => a + b, 0);
    this.offsets = offsets(frames);
    const units = sessions.map((s) => s.cids.length);
    const columns = Math.max(...units);

    const movie = new Uint8Array(total * height * width);
    const robs = new Float32Array(total * columns);
    const dfs = new Float32Array(total * columns);
    sessions.forEach((session, i) => {
      const offset = this.offsets[i]!;
      movie.set(session.stim, offset * height * width);
      for (let t = 0; t < session.frames; t++) {
        for (let u = 0; u < units[i]!; u++) {
          const to = (offset + t) * columns + u;
          robs[to] = session.robs[t * units[i]! + u]!;
          dfs[to] = session.dfs[t * session.dfsColumns + (session.dfsColumns === 1 ? 0 : u)]!;
        }
      }
    });
    this.movie = uint8Tensor(movie, [total, height, width]);
    this.robs = tf.tensor2d(robs, [total, columns]);
    this.dfs = tf.tensor2d(dfs, [total, columns]);
    this.unitDataset = tf.tensor1d(
      units.flatMap((n, i) => new Array(n).fill(i)),
      "int32",
    );
    this.unitColumn = tf.tensor1d(
      units.flatMap((n) => Array.from({ length: n }, (_, u) => u)),
      "int32",
    );
    this.lags = tf.tensor1d(lags, "int32");
  }

  /**
   * Gathers a batch. Traced.
   *
   * @param frame rows over all sessions `[B]`, int32
   * @param dataset the session of each sample `[B]`, int32
   */
  samples(frame: tf.Tensor1D, dataset: tf.Tensor1D): Samples {
    const rows = tf.sub(tf.expandDims(frame, 1), tf.expandDims(this.lags, 0));
    const stim = tf.div(tf.sub(gatherRows(this.movie, rows), 127), 255);
    const own = tf.equal(tf.expandDims(dataset, 1), tf.expandDims(this.unitDataset, 0));
    const belongs = tf.cast(own, "float32");
    const ofUnits = (table: tf.Tensor2D) => tf.gather(tf.gather(table, frame), this.unitColumn, 1);
    return {
      stim: tf.expandDims(stim, -1) as tf.Tensor5D,
      robs: tf.mul(ofUnits(this.robs), belongs) as tf.Tensor2D,
      mask: tf.mul(ofUnits(this.dfs), belongs) as tf.Tensor2D,
    };
  }

  dispose(): void {
    tf.dispose([this.movie, this.robs, this.dfs, this.unitDataset, this.unitColumn, this.lags]);
  }
}
