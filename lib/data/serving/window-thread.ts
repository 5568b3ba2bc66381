import { parentPort, workerData } from "node:worker_threads";

/** What the thread is given: memory that it shares. */
export interface WindowThreadData {
  /** The bytes of each session's movie that is not on the device. */
  readonly movies: readonly (Uint8Array | undefined)[];
  /** Of one frame. */
  readonly frameBytes: number;
  /** Oldest first. */
  readonly lags: readonly number[];
  /** Where windows go, `[batch, lags, height, width]`: the step reads one while the next one is written. */
  readonly buffers: readonly Uint8Array[];
}

/** Asks for the windows of a batch: for each sample its session and frame there; a session of -1 is left out. */
export interface WindowRequest {
  readonly buffer: number;
  readonly session: Int32Array;
  readonly frame: Int32Array;
}

const { movies, frameBytes, lags, buffers } = workerData as WindowThreadData;

parentPort!.on("message", ({ buffer, session, frame }: WindowRequest) => {
  const to = buffers[buffer]!;
  let at = 0;
  session.forEach((number, sample) => {
    const movie = movies[number];
    for (const lag of lags) {
      if (movie) to.set(frameOf(movie, frame[sample]! - lag), at);
      at += frameBytes;
    }
  });
  parentPort!.postMessage(buffer);
});

/** @throws RangeError when there is no such frame */
function frameOf(movie: Uint8Array, frame: number): Uint8Array {
  const frames = movie.byteLength / frameBytes;
  if (frame < 0 || frame >= frames)
    throw new RangeError(`frame ${frame} was asked of a movie that has frames 0 to ${frames - 1}`);
  return movie.subarray(frame * frameBytes, (frame + 1) * frameBytes);
}
