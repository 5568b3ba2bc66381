/** The storage types of a movie's values. */
export const MOVIE_DTYPES = ["uint8", "bfloat16", "float16", "float32"] as const;
/** The storage type of a movie's values. */
export type MovieDtype = (typeof MOVIE_DTYPES)[number];
/** The stored values. A bfloat16 or float16 is stored as an unsigned 16-bit integer. */
export type MovieValues = Uint8Array | Uint16Array | Float32Array;

/** The number of bytes of one value. */
export const MOVIE_BYTES: Readonly<Record<MovieDtype, number>> = {
  uint8: 1,
  bfloat16: 2,
  float16: 2,
  float32: 4,
};

/** Returns a view of bytes as values of a storage type. */
export function movieValues(dtype: MovieDtype, { buffer, byteOffset, byteLength }: Uint8Array): MovieValues {
  const length = byteLength / MOVIE_BYTES[dtype];
  if (dtype === "uint8") return new Uint8Array(buffer, byteOffset, length);
  return dtype === "float32"
    ? new Float32Array(buffer, byteOffset, length)
    : new Uint16Array(buffer, byteOffset, length);
}

/** Encodes numbers in a storage type. Rounds to nearest, ties to even. */
export function encodeMovie(
  dtype: Exclude<MovieDtype, "uint8">,
  values: Float32Array,
  to: MovieValues,
  at: number,
): void {
  if (dtype === "float32") {
    to.set(values, at);
    return;
  }
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const code = dtype === "bfloat16" ? bfloat16 : float16;
  for (let i = 0; i < bits.length; i++) to[at + i] = code(bits[i]!);
}

/** Decodes stored values to numbers. */
export function decodeMovie(dtype: MovieDtype, values: MovieValues): Float32Array {
  if (dtype === "uint8" || dtype === "float32") return new Float32Array(values);
  if (dtype === "float16") return Float32Array.from(values, fromFloat16);
  const bits = Uint32Array.from(values, (code) => code << 16);
  return new Float32Array(bits.buffer);
}

/** Rounds a float32 to its upper 16 bits. NaN stays NaN. */
function bfloat16(bits: number): number {
  if ((bits & 0x7fffffff) > 0x7f800000) return 0x7fc0;
  return (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;
}

/** IEEE 754 binary16: 5 bits of exponent, 10 of the significand. */
function float16(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00;
  if (magnitude >= 0x477ff000) return sign | 0x7c00;
  const exponent = (magnitude >>> 23) - 112;
  if (exponent > 0) {
    const kept = magnitude - (112 << 23);
    return sign | ((kept + 0xfff + ((kept >>> 13) & 1)) >>> 13);
  }
  if (exponent < -10) return sign;
  const significand = (magnitude & 0x7fffff) | 0x800000;
  const shift = 14 - exponent;
  const half = 1 << (shift - 1);
  return sign | ((significand + half - 1 + ((significand >>> shift) & 1)) >>> shift);
}

function fromFloat16(code: number): number {
  const [sign, exponent, fraction] = [code & 0x8000 ? -1 : 1, (code >>> 10) & 31, code & 1023];
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : 2 ** -24 * fraction);
}

/** Maps a byte to about -0.5 .. 0.5: `(byte - 127) / 255`. */
export const normalisedByte = (byte: number): number => (byte - 127) / 255;

/** The size of the frames of a movie. */
export interface FrameSize {
  readonly height: number;
  readonly width: number;
  /** Default 1. */
  readonly channels?: number | undefined;
}

/** Returns the number of values of a frame. */
export const frameLength = ({ height, width, channels = 1 }: FrameSize): number => height * width * channels;

/** Returns a size as text, such as `36×64`, or `36×64×3` for several channels. */
export const frameSize = ({ height, width, channels = 1 }: FrameSize): string =>
  channels === 1 ? `${height}×${width}` : `${height}×${width}×${channels}`;

/** Returns the mean over the channels of each pixel of a frame: a picture of one channel. */
export function grayFrame(values: ArrayLike<number>, channels = 1): Float32Array {
  return Float32Array.from({ length: values.length / channels }, (_, pixel) => {
    let sum = 0;
    for (let channel = 0; channel < channels; channel++) sum += values[pixel * channels + channel]!;
    return sum / channels;
  });
}
