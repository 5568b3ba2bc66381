import { extremes } from "../../../base/dsp/extremes";
import { type FrameSize, frameLength } from "../../../base/dsp/movie";
import type { Frames } from "./frames";
import { type NwbFile, rounded } from "./nwb-file";
import { areaScaler, luminance, type PixelRange, withoutAlpha, writeBytes } from "./pixels";
import { GRAY, type ImageStack } from "./shown";

/** The options for pixels. */
export interface PixelOptions {
  /** Default: the size of the images. */
  readonly size: FrameSize | undefined;
  /** The values that become 0 and 255. Default: 0 and 255 for integers in this range, else the range of the images. */
  readonly range: PixelRange | undefined;
  /** The byte of gray frames. */
  readonly background: number;
  /** Whether colors are kept as channels. Default: their luminance. */
  readonly color: boolean;
}

/** A movie of bytes, and a description of its conversion. */
export interface Movie extends FrameSize {
  readonly channels: number;
  readonly stim: Uint8Array;
  readonly notes: readonly string[];
}

/** The range of pixels that are bytes. */
const BYTES: PixelRange = [0, 255];

/** The number of pixels that are read at once. */
const BLOCK = 2 ** 22;

/** Makes the movie of frames. Every image is read once, in blocks. */
export async function movieOf(
  nwb: NwbFile,
  images: ImageStack,
  { index }: Frames,
  { size = images, range: given, background, color }: PixelOptions,
): Promise<Movie> {
  const { height, width } = size;
  const channels = color && images.channels > 1 ? 3 : 1;
  const pixels = frameLength({ height, width, channels });
  const stim = new Uint8Array(index.length * pixels).fill(background);
  const notes: string[] = [];
  const [first, last] = extremes(index.filter((image) => image !== GRAY));
  if (first > last) return { height, width, channels, stim, notes };
  const blocks = blocksOf(nwb, images, channels, first, last + 1);
  const range = given ?? (images.isBytes ? BYTES : await wholeRange(blocks, images));
  if (!(range[1] > range[0]))
    throw nwb.fail(
      images.at,
      `has only the pixel value ${range[0]}; give the values of black and white by --pixel_range`,
    );
  const scale = areaScaler(images, size, channels);
  const bank = new Uint8Array((last + 1 - first) * pixels);
  const frame = frameLength({ ...images, channels });
  let missing = 0;
  for await (const { from, values } of blocks())
    for (let i = 0; i < values.length / frame; i++) {
      const image = scale(values.subarray(i * frame, (i + 1) * frame));
      missing += writeBytes(image, range, background, bank, (from - first + i) * pixels);
    }
  for (const [t, image] of index.entries())
    if (image !== GRAY)
      stim.set(bank.subarray((image - first) * pixels, (image - first + 1) * pixels), t * pixels);
  if (images.channels > channels)
    notes.push(channels === 1 ? "the luminance of its colors" : "without alpha");
  if (height !== images.height || width !== images.width)
    notes.push(`scaled from ${images.height}×${images.width} to ${height}×${width}`);
  if (range !== BYTES) notes.push(`pixels from ${rounded(range[0])} to ${rounded(range[1])} became 0 to 255`);
  if (missing > 0) notes.push(`pixels that are NaN became ${background} (${missing} of them)`);
  return { height, width, channels, stim, notes };
}

interface Block {
  readonly from: number;
  readonly values: Float32Array | Uint8Array;
}

/** Returns a function that reads images in blocks of some channels: 1 (the luminance of colors), or 3. */
function blocksOf(
  nwb: NwbFile,
  images: ImageStack,
  channels: number,
  first: number,
  end: number,
): () => AsyncGenerator<Block> {
  const own = images.channels;
  const step = Math.max(1, Math.floor(BLOCK / frameLength(images)));
  const adapted = (pixels: ArrayLike<number>) => {
    if (own > channels) return channels === 1 ? luminance(pixels, own) : withoutAlpha(pixels);
    return pixels instanceof Uint8Array ? pixels : Float32Array.from(pixels);
  };
  return async function* () {
    for (let from = first; from < end; from += step)
      yield { from, values: adapted(await images.read(from, Math.min(end, from + step))) };
    nwb.use(images.at);
  };
}

/** Returns the range of all pixels. Integers of 0 to 255, which are not all 0 and 1, have the range of bytes. */
async function wholeRange(blocks: () => AsyncGenerator<Block>, { isWhole }: ImageStack): Promise<PixelRange> {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for await (const { values } of blocks()) {
    const [least, most] = extremes(values);
    [low, high] = [Math.min(low, least), Math.max(high, most)];
  }
  return isWhole && low >= 0 && high > 1 && high <= 255 ? BYTES : [low, high];
}
