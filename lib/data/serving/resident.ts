import { tf } from "../../engine";
import {
  gatherRows,
  type ResidentDtype,
  type ResidentTensor,
  residentTensor,
  residentToFloat,
} from "../../engine/resident";
import type { ModelBatch } from "../../model";
import type { Batch, TracedBatch } from "../../protocols/module";
import { joined } from "../ops";
import { movieBytes, type PreparedSession } from "../prepare-recording";
import { offsets } from "../samplers/sampler";
import { type MovieLimits, onDevice, responsesOnDevice } from "./device-budget";
import { HostData } from "./host-data";
import type { SessionBatch } from "./multi-dataset";
import { type RaggedPart, RaggedTable } from "./ragged-table";

/** The data that a model reads besides spikes, and the placement of movies and responses. */
export interface ResidentOptions {
  /** Whether to load the movies. */
  stim: boolean;
  eyepos?: boolean;
  historyLags?: number[];
  /** The lags of the behaviour, oldest first. Default: that of the predicted bin, 0. */
  behaviorLags?: number[];
  /** The limits of the memory for movies and responses. Default: all are on the device. */
  limits?: MovieLimits;
}

/**
 * The data of all sessions on the device: the movies as one tensor, responses and filters as rows of frames, each in the smallest type that
 * holds its values. A sample is a frame number, so serving a batch transfers only a few integers; lags are gathered inside the compiled step.
 * The windows of movies and the rows of responses that exceed the budget are served with the batch (`serve`).
 */
export class ResidentData {
  /** The first row of each session. */
  readonly offsets: number[];
  private readonly movie: ResidentTensor | undefined;
  private readonly host: HostData | undefined;
  private readonly dtype: ResidentDtype;
  private readonly robs: RaggedTable;
  private readonly dfs: RaggedTable;
  /** The first row of each session, int32. */
  private readonly firsts: tf.Tensor1D;
  /** `[T, V]` */
  private readonly behavior: tf.Tensor2D | undefined;
  /** The number of units of each session, int32. */
  private readonly units: tf.Tensor1D;
  private readonly lags: tf.Tensor1D;
  /** `[T, 2]` */
  private readonly eyepos: tf.Tensor2D | undefined;
  private readonly historyLags: tf.Tensor1D | undefined;
  private readonly behaviorLags: tf.Tensor1D;
  /** The spikes of the history, where they are not `robs`. */
  private readonly spikes: RaggedTable | undefined;

  /**
   * @param sessions sessions with the same frame size, lags and behaviour variables. Their responses are replaced by equal arrays
   * in the memory that batches are gathered from, so that they are in memory once.
   */
  constructor(
    sessions: readonly PreparedSession[],
    { stim, eyepos = false, historyLags = [], behaviorLags = [0], limits = {} }: ResidentOptions,
  ) {
    const { height, width, channels = 1, lags } = sessions[0]!;
    const frames = sessions.map((s) => s.frames);
    const total = frames.reduce((a, b) => a + b, 0);
    this.offsets = offsets(frames);
    const units = sessions.map((s) => s.cids.length);
    this.firsts = tf.tensor1d(this.offsets, "int32");
    this.dtype = sessions[0]!.stimDtype ?? "uint8";
    const placed = stim
      ? onDevice(sessions.map(movieBytes), limits).map((isPlaced, i) => isPlaced && !sessions[i]!.inFile)
      : [];
    const kept = sessions.filter((_, i) => placed[i]);
    const rows = kept.reduce((sum, session) => sum + session.frames, 0);
    this.movie =
      rows > 0
        ? residentTensor(
            kept.map((session) => session.stim),
            [rows, height, width, channels],
            this.dtype,
          )
        : undefined;
    const movieSize = kept.reduce((sum, session) => sum + movieBytes(session), 0);
    const areOnDevice = responsesOnDevice(sessions.map(responseBytes), movieSize, limits);
    const table = (parts: readonly RaggedPart[]) => new RaggedTable(parts, areOnDevice);
    this.robs = table(sessions.map(({ robs, cids }) => ({ values: robs, columns: cids.length })));
    this.dfs = table(filtersOf(sessions));
    const behaviors = sessions.map((s) => s.behavior);
    const known = behaviors.filter((values) => values !== undefined);
    this.behavior =
      known.length === sessions.length
        ? tf.tensor2d(joined(Float32Array, known), [total, known[0]!.length / frames[0]!])
        : undefined;
    this.units = tf.tensor1d(units, "int32");
    this.lags = tf.tensor1d(lags, "int32");
    const eyes = sessions.map((s) => s.eyepos);
    this.eyepos = eyepos ? tf.tensor2d(joined(Float32Array, eyes), [total, 2]) : undefined;
    this.historyLags = historyLags.length > 0 ? tf.tensor1d(historyLags, "int32") : undefined;
    this.behaviorLags = tf.tensor1d(behaviorLags, "int32");
    const exposed = historyLags.length > 0 && sessions.some(({ history }) => history);
    this.spikes = exposed
      ? table(sessions.map(({ history, robs, cids }) => ({ values: history ?? robs, columns: cids.length })))
      : undefined;
    sessions.forEach((session, i) => {
      session.robs = this.robs.values(i);
      if (session.history) session.history = this.spikes?.values(i) ?? session.history;
    });
    this.host = this.inHost(sessions, placed, historyLags, limits);
  }

  /** Returns the data that are not on the device; undefined when all are there. */
  private inHost(
    sessions: readonly PreparedSession[],
    placed: readonly boolean[],
    historyLags: readonly number[],
    { movieCache }: MovieLimits,
  ): HostData | undefined {
    const tables = {
      robs: this.robs.inHost([0]),
      dfs: this.dfs.inHost([0]),
      history: historyLags.length > 0 ? (this.spikes ?? this.robs).inHost(historyLags) : undefined,
    };
    const given = Object.entries(tables).flatMap(([name, table]) => (table ? [[name, table] as const] : []));
    const movies = placed.includes(false) ? { placed, cacheBytes: movieCache } : undefined;
    return movies || given.length > 0 ? new HostData(sessions, movies, Object.fromEntries(given)) : undefined;
  }

  /** Returns batches for a step. A thread gathers data from host memory one batch ahead. */
  serve(batches: Iterable<SessionBatch>): Iterable<Batch> | AsyncIterable<Batch> {
    return this.host?.serve(batches) ?? batches;
  }

  /**
   * Gathers a batch that was served. Traced.
   *
   * @param batch `frame`: rows over all sessions `[B]`, int32; `dataset`: the session of each sample `[B]`, int32
   */
  samples(batch: TracedBatch): Samples {
    const [frame, dataset] = [batch.frame as tf.Tensor1D, batch.dataset as tf.Tensor1D];
    const { behavior, eyepos, historyLags } = this;
    const stim = this.windows(batch);
    const within = tf.sub(frame, tf.gather(this.firsts, tf.maximum(dataset, tf.scalar(0, "int32"))));
    const history = (lags: tf.Tensor1D) => {
      const rows = rowsBefore(within, lags);
      const session = tf.broadcastTo(tf.expandDims(dataset, 1), rows.shape);
      return (this.spikes ?? this.robs).rows(session, rows, batch.history) as tf.Tensor3D;
    };
    return {
      ...(stim ? { stim: normalised(stim, this.dtype) } : {}),
      ...(behavior ? { behavior: this.behaviorAt(behavior, frame) } : {}),
      ...(eyepos ? { eyepos: tf.gather(eyepos, frame) } : {}),
      ...(historyLags ? { history: history(historyLags) } : {}),
      dataset,
      robs: this.robs.rows(dataset, within, batch.robs) as tf.Tensor2D,
      mask: tf.mul(this.dfs.rows(dataset, within, batch.dfs), this.hasUnit(dataset)),
    };
  }

  /** Returns 1 where a column is a unit of the sample's session, else 0, `[B, U]`; 0 for padding samples. */
  private hasUnit(dataset: tf.Tensor1D): tf.Tensor2D {
    const first = tf.scalar(0, "int32");
    const known = tf.gather(this.units, tf.maximum(dataset, first));
    const units = tf.where(tf.less(dataset, first), tf.zerosLike(known), known);
    const columns = tf.range(0, this.robs.columns, 1, "int32");
    return tf.cast(tf.less(columns, tf.expandDims(units, 1)), "float32");
  }

  /** Returns the behaviour of each sample, `[B, lags * V]`, oldest first. */
  private behaviorAt(behavior: tf.Tensor2D, frame: tf.Tensor1D): tf.Tensor2D {
    const values = tf.gather(behavior, rowsBefore(frame, this.behaviorLags));
    return tf.reshape(values, [frame.shape[0], this.behaviorLags.size * behavior.shape[1]]);
  }

  /** Returns the frames of each sample, `[B, L, H, W, C]`, from the device or from the batch. */
  private windows({ frame, row = frame!, windows }: TracedBatch): tf.Tensor | undefined {
    const { movie, lags, dtype } = this;
    const given = windows && residentToFloat(windows as ResidentTensor, dtype);
    if (!movie) return given;
    const rows = rowsBefore(row, lags);
    if (!given) return gatherRows(movie, rows, dtype);
    const own = gatherRows(movie, tf.maximum(rows, tf.scalar(0, "int32")), dtype);
    return tf.where(tf.reshape(tf.greaterEqual(row, 0), [-1, 1, 1, 1, 1]), own, given);
  }

  dispose(): void {
    this.movie?.dispose();
    this.behavior?.dispose();
    this.eyepos?.dispose();
    this.historyLags?.dispose();
    this.spikes?.dispose();
    this.robs.dispose();
    this.dfs.dispose();
    tf.dispose([this.behaviorLags, this.firsts, this.units, this.lags]);
  }
}

/** Returns the bytes of a session's responses, and of their filters and history. */
const responseBytes = ({ robs, dfs, history }: PreparedSession): number =>
  robs.byteLength + dfs.byteLength + (history?.byteLength ?? 0);

/** Returns the rows that lie some lags before each row, `[B, lags]`. */
const rowsBefore = (row: tf.Tensor, lags: tf.Tensor1D): tf.Tensor2D =>
  tf.sub(tf.expandDims(row, 1), tf.expandDims(lags, 0));

/** Normalises bytes; other types were normalised when they were read. */
function normalised(stim: tf.Tensor, dtype: ResidentDtype): tf.Tensor5D {
  return (dtype === "uint8" ? tf.div(tf.sub(stim, 127), 255) : stim) as tf.Tensor5D;
}

/** Returns the filters of sessions: one column each if one filter applies to all units everywhere, else a column for each unit. */
function filtersOf(sessions: readonly PreparedSession[]): RaggedPart[] {
  const isShared = sessions.every(({ dfsColumns }) => dfsColumns === 1);
  return sessions.map(({ dfs, dfsColumns, cids }) => {
    if (isShared || dfsColumns > 1) return { values: dfs, columns: dfsColumns };
    const values = new Uint8Array(dfs.length * cids.length);
    dfs.forEach((counts, t) => {
      values.fill(counts, t * cids.length, (t + 1) * cids.length);
    });
    return { values, columns: cids.length };
  });
}

/** A batch inside a compiled step: the model's inputs and targets. */
export interface Samples extends ModelBatch {
  /** The session of each sample, int32, `[B]`; -1 for padding samples. */
  readonly dataset: tf.Tensor1D;
  /** The spike counts of the units of each sample's session, `[B, U]`, where U is the largest number of units of a session. */
  readonly robs: tf.Tensor2D;
  /** 1 where the count is valid, else 0, `[B, U]`; 0 in columns beyond the session's units, and for padding samples. */
  readonly mask: tf.Tensor2D;
}
