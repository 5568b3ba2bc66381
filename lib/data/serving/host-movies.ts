import type { ResidentDtype, ResidentTensor } from "../../engine";
import type { PreparedSession } from "..";
import { offsets } from "../samplers";
import type { SessionBatch } from "./multi-dataset";
import { WindowReader } from "./window-reader";

/** A batch with what its samples see of movies in host memory. */
export type HostBatch = SessionBatch & {
  /** Each sample's row among the frames that are on the device, or -1: its window is in `windows`. */
  readonly row: Int32Array;
  /** `[batch, lags, height, width]`, as the movies are kept; of samples on the device it holds anything. */
  readonly windows: ResidentTensor;
};

/** The movies of sessions that do not lie on the device: a thread gathers each batch's windows while the step before runs. */
export class HostMovies {
  private readonly movies: readonly (Uint8Array | undefined)[];
  /** Where each session begins among all sessions' frames, and among those on the device. */
  private readonly firsts: readonly number[];
  private readonly rows: readonly number[];

  /** @param placed which sessions lie on the device */
  constructor(
    private readonly sessions: readonly PreparedSession[],
    private readonly placed: readonly boolean[],
    private readonly dtype: ResidentDtype,
  ) {
    this.movies = sessions.map(({ stim }, i) => (placed[i] ? undefined : shared(stim)));
    this.firsts = offsets(sessions.map(({ frames }) => frames));
    this.rows = offsets(sessions.map(({ frames }, i) => (placed[i] ? frames : 0)));
  }

  /** The same batches, gathered one ahead. A batch is good until the next one is asked for; the thread ends with the last. */
  async *serve(batches: Iterable<SessionBatch>): AsyncGenerator<HostBatch> {
    let reader: WindowReader | undefined;
    let ahead: (() => Promise<HostBatch>) | undefined;
    try {
      for (const batch of batches) {
        reader ??= this.reader(batch.frame.length);
        const { row, session, frame } = this.located(batch);
        const windows = reader.read(session, frame);
        if (ahead) yield await ahead();
        ahead = async () => ({ ...batch, row, windows: await windows });
      }
      if (ahead) yield await ahead();
    } finally {
      await reader?.close();
    }
  }

  private reader(batch: number): WindowReader {
    const { sessions, dtype, movies } = this;
    const { height, width, lags, stim, frames } = sessions[0]!;
    const shape = [batch, lags.length, height, width];
    return new WindowReader(movies, { shape, lags, dtype, frameBytes: stim.byteLength / frames });
  }

  /** Samples by their row on the device, and by session and frame there where they are not on it. */
  private located({ frame: all }: SessionBatch) {
    const { firsts, rows, placed } = this;
    const session = all.map((row) => firsts.findLastIndex((first) => first <= row));
    const frame = all.map((row, i) => row - firsts[session[i]!]!);
    const row = frame.map((t, i) => (placed[session[i]!] ? rows[session[i]!]! + t : -1));
    return { row, frame, session: session.map((d) => (placed[d] ? -1 : d)) };
  }
}

/** A movie's bytes where a thread sees them: as they are when they were read there, else a copy. */
function shared({ buffer, byteOffset, byteLength }: PreparedSession["stim"]): Uint8Array {
  const bytes = new Uint8Array(buffer, byteOffset, byteLength);
  if (buffer instanceof SharedArrayBuffer) return bytes;
  const copy = new Uint8Array(new SharedArrayBuffer(byteLength));
  copy.set(bytes);
  return copy;
}
