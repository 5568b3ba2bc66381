import { ConfigError } from "../base/config";
import { encodeMovie, type MovieDtype, type MovieValues } from "../base/dsp/movie";
import { type Op, onlyOp } from "./ops";
import type { MovieSource } from "./read-recording";
import type { Covariate } from "./session";
import type { SessionConfig } from "./session-schema";
import { runOps } from "./transforms";

/** Ops that process frames independently, so that the whole movie need not be in memory as float32. */
const FRAMEWISE = ["pixelnorm", "mul", "symlog", "cast", "unsqueeze"];
/** The number of source bytes of one read. */
const CHUNK = 1e6;

/** The destination of the movie of a session's file. */
export interface MovieTarget {
  readonly config: SessionConfig;
  readonly dtype: MovieDtype;
  /** The number of file frames per frame. */
  readonly factor: number;
  /** The memory for the movie, with consecutive stimulus types. */
  readonly values: MovieValues;
}

/**
 * Reads the first frame of each bin in chunks, applies the movie's transforms, and writes the result to the target, starting at frame
 * `first`.
 */
export function readMovie(
  { frames, height, width, read }: MovieSource,
  { config, dtype, factor, values }: MovieTarget,
  first: number,
): void {
  const pixels = height * width;
  const kept = Math.floor(frames / factor);
  const ops: readonly Op[] = config.transforms.stim?.ops ?? [{ pixelnorm: {} }];
  const whole = dtype !== "uint8" && !ops.every((op) => FRAMEWISE.includes(onlyOp(op)[0]));
  const step = whole ? kept : Math.max(1, Math.floor(CHUNK / (pixels * factor)));
  for (let t = 0; t < kept; t += step) {
    const count = Math.min(step, kept - t);
    const bytes = decimated(read, t, count, factor, pixels, dtype !== "uint8" || factor > 1);
    const at = (first + t) * pixels;
    if (dtype === "uint8") {
      values.set(bytes, at);
      continue;
    }
    const movie = { shape: [count, height, width], values: Float32Array.from(bytes) };
    encodeMovie(dtype, transformed(movie, ops, config), values, at);
  }
}

/** Reads a movie in chunks, and keeps the first frame of each bin. */
function decimated(
  read: MovieSource["read"],
  from: number,
  count: number,
  factor: number,
  pixels: number,
  copies: boolean,
): Uint8Array {
  if (!copies) return read(from, from + count);
  const some = Math.max(1, Math.floor(CHUNK / (pixels * factor)));
  const kept = new Uint8Array(count * pixels);
  for (let t = 0; t < count; t += some) {
    const n = Math.min(some, count - t);
    const bytes = read((from + t) * factor, (from + t + n) * factor);
    for (let i = 0; i < n; i++)
      kept.set(bytes.subarray(i * factor * pixels, (i * factor + 1) * pixels), (t + i) * pixels);
  }
  return kept;
}

function transformed(movie: Covariate, ops: readonly Op[], { file }: SessionConfig): Float32Array {
  const path = "transforms.stim.ops";
  const result = runOps(movie, ops, { where: file, columns: [] }, path);
  const fail = (message: string) => new ConfigError(file, [{ path, message }]);
  // An axis of length 1 may stand anywhere: the PyTorch package puts the channel before the rows (`unsqueeze: 1`).
  const frame = (shape: readonly number[]) => shape.filter((length, axis) => axis === 0 || length !== 1);
  if (String(frame(result.shape)) !== String(frame(movie.shape)))
    throw fail(
      `gives shape [${result.shape}], but a movie has one channel and must stay [${movie.shape}]; compute several channels in the model: its \`frontend\` may be temporal_basis or conv`,
    );
  const bad = result.values.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    const at = Math.floor(bad / (movie.values.length / movie.shape[0]!));
    throw fail(`gives ${result.values[bad]} at frame ${at}; correct the transforms`);
  }
  return result.values;
}
