import { ConfigError } from "../base/config";
import {
  encodeMovie,
  type FrameSize,
  frameLength,
  type MovieDtype,
  type MovieValues,
} from "../base/dsp/movie";
import { channelsLast } from "./movie-layout";
import type { MovieShape, MovieSource, StoredMovie } from "./movie-source";
import { type Op, onlyOp } from "./ops";
import type { Covariate } from "./session";
import type { SessionConfig } from "./session-schema";
import { runOps } from "./transforms";

/** Ops that process frames independently, so that the whole movie need not be in memory as float32. */
const FRAMEWISE = ["pixelnorm", "mul", "symlog", "cast", "unsqueeze"];

/** Whether all transforms of a movie process frames independently. */
export const isFramewise = ({ transforms }: Pick<SessionConfig, "transforms">): boolean =>
  (transforms.stim?.ops ?? []).every((op) => FRAMEWISE.includes(onlyOp(op)[0]));

/** The number of source bytes of one read. */
const CHUNK = 1e6;

/** The destination of the movie of a session's file. */
export interface MovieTarget {
  readonly config: Pick<SessionConfig, "file" | "transforms">;
  readonly dtype: MovieDtype;
  /** The number of file frames per frame. */
  readonly factor: number;
  /** The memory for the movie, with consecutive stimulus types. */
  readonly values: MovieValues;
}

/** Returns the transforms of a movie: without a configuration, bytes are normalised, and other values are used as they are. */
const opsOf = (
  { transforms }: Pick<SessionConfig, "transforms">,
  dtype: MovieShape["dtype"],
): readonly Op[] => transforms.stim?.ops ?? (dtype === "uint8" ? [{ pixelnorm: {} }] : []);

/**
 * Checks that a movie can be prepared in parts.
 *
 * @throws ConfigError that names a transform which needs the whole movie
 */
export function requireFramewise({ file, transforms }: SessionConfig): void {
  const at = (transforms.stim?.ops ?? []).findIndex((op) => !FRAMEWISE.includes(onlyOp(op)[0]));
  if (at < 0) return;
  const name = onlyOp(transforms.stim!.ops[at]!)[0];
  const message = `needs the whole movie, but the movie is streamed from its file (\`movieCache\`); allowed: ${FRAMEWISE.join(", ")}; or leave out \`movieCache\``;
  throw new ConfigError(file, [{ path: `transforms.stim.ops.${at}.${name}`, message }]);
}

/**
 * Returns the number of channels of a movie after its transforms, which are applied to one blank frame.
 *
 * @throws ConfigError when the result is no movie
 */
export function preparedChannels(shape: MovieShape, config: SessionConfig): number {
  // `smooth` keeps the shape, but needs more than one frame.
  const ops = opsOf(config, shape.dtype).filter((op) => onlyOp(op)[0] !== "smooth");
  const blank = frameOf({ ...shape, frames: 1 }, new Float32Array(frameLength(shape)));
  return transformed(blank, ops, shape, config).shape[3]!;
}

/** Returns the movie that transforms get: `[T, H, W]` for one channel, else `[T, H, W, C]`. */
function frameOf(
  { frames, height, width, channels }: Omit<MovieShape, "dtype">,
  values: Float32Array,
): Covariate {
  return { shape: [frames, height, width, ...(channels === 1 ? [] : [channels])], values };
}

/**
 * Reads the first frame of each bin in chunks, applies the movie's transforms, and writes the result to the target, starting at frame
 * `first`.
 */
export function readMovie(
  source: MovieSource,
  { config, dtype, factor, values }: MovieTarget,
  first: number,
): void {
  const length = frameLength(source);
  const kept = Math.floor(source.frames / factor);
  const ops = opsOf(config, source.dtype);
  const isBytes = dtype === "uint8";
  const whole = !isBytes && !ops.every((op) => FRAMEWISE.includes(onlyOp(op)[0]));
  const step = whole ? kept : Math.max(1, Math.floor(CHUNK / (length * factor)));
  for (let t = 0; t < kept; t += step) {
    const count = Math.min(step, kept - t);
    const stored = decimated(source, t, count, factor, !isBytes || factor > 1);
    if (isBytes) {
      values.set(stored, (first + t) * length);
      continue;
    }
    const movie = frameOf({ ...source, frames: count }, new Float32Array(stored));
    const result = transformed(movie, ops, source, config);
    requireFinite(result, config.file);
    encodeMovie(dtype, result.values, values, ((first + t) * result.values.length) / count);
  }
}

/** Reads a movie in chunks, and keeps the first frame of each bin. */
function decimated(
  source: MovieSource,
  from: number,
  count: number,
  factor: number,
  copies: boolean,
): StoredMovie {
  if (!copies) return source.read(from, from + count);
  const length = frameLength(source);
  const some = Math.max(1, Math.floor(CHUNK / (length * factor)));
  const kept = new (source.dtype === "uint8" ? Uint8Array : Float32Array)(count * length);
  for (let t = 0; t < count; t += some) {
    const n = Math.min(some, count - t);
    const values = source.read((from + t) * factor, (from + t + n) * factor);
    for (let i = 0; i < n; i++)
      kept.set(values.subarray(i * factor * length, (i * factor + 1) * length), (t + i) * length);
  }
  return kept;
}

/** Applies transforms to a movie. @returns `[T, H, W, C]` */
function transformed(
  movie: Covariate,
  ops: readonly Op[],
  { height, width }: FrameSize,
  { file }: Pick<SessionConfig, "file">,
): Covariate {
  const path = "transforms.stim.ops";
  const frame = { height, width };
  const result = runOps(movie, ops, { where: file, columns: [], frame }, path);
  const last = result.shape[0] === movie.shape[0] ? channelsLast(result, frame) : undefined;
  if (last) return last;
  const [frames] = movie.shape;
  const message = `gives shape [${result.shape}], but a movie must have shape [${frames},${height},${width}], [${frames},${height},${width},channels] or [${frames},channels,${height},${width}]`;
  throw new ConfigError(file, [{ path, message }]);
}

function requireFinite({ shape, values }: Covariate, file: string): void {
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad < 0) return;
  const frame = Math.floor(bad / (values.length / shape[0]!));
  const message = `gives ${values[bad]} at frame ${frame}; correct the transforms`;
  throw new ConfigError(file, [{ path: "transforms.stim.ops", message }]);
}
