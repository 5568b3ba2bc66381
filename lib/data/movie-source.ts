import { ConfigError } from "../base/config";

/** The values of a movie in a file: bytes, or numbers. */
export type StoredMovie = Uint8Array | Float32Array;

/** The size of a movie in a file, and the type of its values. */
export interface MovieShape {
  readonly frames: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** `float32` stands for all floating-point types. */
  readonly dtype: "uint8" | "float32";
  /** The number of frames that the file's storage suggests to read at once. Default 1. */
  readonly chunk?: number;
}

/** A movie in a file, `[frames, height, width, channels]`, read in parts. */
export interface MovieSource extends MovieShape {
  /** The least and the greatest value that the file states for a floating-point movie. */
  readonly range?: MovieRange | undefined;
  /** Returns the values of some frames: bytes for `uint8`, else float32. */
  read(from: number, to: number): StoredMovie;
}

/** The least and the greatest value of a movie. */
export type MovieRange = readonly [number, number];

/**
 * Returns the size of a movie.
 *
 * @param dtype the type of its values, as numpy names it
 * @throws ConfigError when it is not a movie of bytes or floating-point numbers, or is empty
 */
export function movieShape(
  path: string,
  type: string,
  { shape, dtype }: { readonly shape: readonly number[]; readonly dtype: string },
): MovieShape {
  const [frames, height, width, channels = 1] = shape as [number, number, number, number?];
  const fail = (message: string) => new ConfigError(path, [{ path: `${type}/stim`, message }]);
  const isFloat = /^b?float/.test(dtype);
  if ((shape.length !== 3 && shape.length !== 4) || !(isFloat || dtype === "uint8"))
    throw fail(
      `must be uint8 or floating point, [frames, height, width] or [frames, height, width, channels], but has shape [${shape}] and type ${dtype}`,
    );
  if (frames * height * width * channels === 0) throw fail(`is empty: it has shape [${shape}]`);
  return { frames, height, width, channels, dtype: isFloat ? "float32" : "uint8" };
}

/** An array of a file that is read by rows. */
interface StoredRows {
  readonly shape: readonly number[];
  readonly dtype: string;
  /** The number of rows that are compressed together. Default 1. */
  readonly chunkRows?: number;
  read(from: number, to: number): ArrayLike<number>;
}

/**
 * Returns the movie of an array in a file.
 *
 * @param stated the range that the file states
 * @throws ConfigError as `movieShape`, and for a range that is not two numbers in order
 */
export function storedMovie(
  path: string,
  type: string,
  rows: StoredRows,
  stated: readonly number[] | undefined,
): MovieSource {
  const size = movieShape(path, type, rows);
  const range = stated && requireRange(path, `${type}/stim`, stated);
  const read = (from: number, to: number) => {
    const values = rows.read(from, to);
    return values instanceof Uint8Array || values instanceof Float32Array
      ? values
      : Float32Array.from(values);
  };
  return { ...size, chunk: rows.chunkRows ?? 1, range, read };
}

/** Returns a stated range. @throws ConfigError when it is not two finite numbers in order */
function requireRange(file: string, path: string, range: readonly number[]): MovieRange {
  const [least, most] = range as [number, number];
  if (range.length === 2 && range.every(Number.isFinite) && least < most) return [least, most];
  const message = `its attribute range must be two numbers, the least and the greatest value; found [${range}]`;
  throw new ConfigError(file, [{ path, message }]);
}

/**
 * Returns a source whose reads check that the values of a floating-point movie are finite and in the stated range; bytes are not checked.
 *
 * @returns the source, and a function that returns the range once all frames are read: the stated one, or else that of the values, which
 * is printed; undefined for bytes
 */
export function withCheckedRange(
  file: string,
  type: string,
  source: MovieSource,
): { source: MovieSource; range: () => MovieRange | undefined } {
  if (source.dtype === "uint8") return { source, range: () => undefined };
  const { range: stated, height, width, channels } = source;
  // The bounds are rounded like the values, so that a value at a bound is inside.
  const [low, high] = (stated ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]).map(Math.fround) as [
    number,
    number,
  ];
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const read = (from: number, to: number) => {
    const values = source.read(from, to);
    for (let at = 0; at < values.length; at++) {
      const value = values[at]!;
      if (!Number.isFinite(value) || value < low || value > high)
        throw badValue(file, type, value, from + Math.floor(at / (height * width * channels)), stated);
      least = Math.min(least, value);
      most = Math.max(most, value);
    }
    return values;
  };
  const range = (): MovieRange | undefined => {
    if (stated || least > most) return stated;
    console.warn(
      `${file}: ${type}/stim: has floating-point values from ${short(least)} to ${short(most)}, which are used as they are. State the range in the attribute \`range\` of stim, [least, greatest], to have it checked.`,
    );
    return [least, most];
  };
  return { source: { ...source, read }, range };
}

/** Returns a number as it is written in messages. */
export const short = (value: number) => Number(value.toPrecision(4));

function badValue(file: string, type: string, value: number, frame: number, stated?: MovieRange) {
  const must = stated
    ? `its attribute range is [${stated}]; correct the values or the range`
    : "a floating-point movie must be finite; fill or remove these frames";
  return new ConfigError(file, [{ path: `${type}/stim`, message: `is ${value} at frame ${frame}; ${must}` }]);
}
