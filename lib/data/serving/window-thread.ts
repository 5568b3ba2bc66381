import { parentPort, workerData } from "node:worker_threads";

/** The data that the thread starts with, in shared memory. */
export interface WindowThreadData {
  /** The bytes of each session's movie that is not on the device. */
  readonly movies: readonly (Uint8Array | undefined)[];
  /** The number of bytes of one frame. */
  readonly frameBytes: number;
  /** The lags, oldest first. */
  readonly lags: readonly number[];
  /** The buffers for windows, `[batch, lags, height, width, channels]`: a step reads one while the thread writes the other. */
  readonly buffers: readonly Uint8Array[];
}

/** A request for the windows of a batch: the session and frame of each sample; samples of session -1 are skipped. */
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

/** Returns a frame of a movie. @throws RangeError when there is no such frame */
function frameOf(movie: Uint8Array, frame: number): Uint8Array {
  const frames = movie.byteLength / frameBytes;
  if (frame < 0 || frame >= frames)
    throw new RangeError(`frame ${frame} was requested, but the movie has frames 0 to ${frames - 1}`);
  return movie.subarray(frame * frameBytes, (frame + 1) * frameBytes);
}
