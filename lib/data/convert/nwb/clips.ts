import { existsSync, readFileSync, realpathSync } from "node:fs";
import { dirname, extname, resolve } from "node:path";
import { PNG } from "pngjs";
import { ConfigError } from "../../../base/config";
import { type FrameSize, frameLength } from "../../../base/dsp/movie";
import { isBelow } from "../../../base/files/folder";
import { parseNpy, readNpy } from "../../../base/numpy/npy";
import type { NwbFile } from "./nwb-file";
import type { ImageStack, PixelType } from "./shown";

/** The frames of one external file. */
interface Clip extends FrameSize, PixelType {
  readonly file: string;
  readonly count: number;
  readonly channels: number;
  readonly pixels: ArrayLike<number>;
}

type ClipReader = (bytes: Uint8Array, file: string, nwb: NwbFile, at: string) => Omit<Clip, "file">;

/** The readers of external files by their endings. */
const READERS: Readonly<Record<string, ClipReader>> = { ".npy": readArray, ".png": readPng };

/**
 * Reads the external files of an image series, one after another. Paths are relative to the NWB file, and must lead to its folder or below.
 *
 * @throws ConfigError that names the file which is missing, outside, or of a format that cannot be read
 */
export async function openClips(nwb: NwbFile, series: string): Promise<ImageStack> {
  const at = `${series}/external_file`;
  const files = await nwb.texts(at);
  const clips = (files ?? []).map((file) => readClip(nwb, at, file));
  const first = clips[0];
  if (!first) throw nwb.fail(at, "must name the files of the clips");
  const sizeOf = ({ height, width, channels }: Clip) => [height, width, channels].join("×");
  const other = clips.find((clip) => sizeOf(clip) !== sizeOf(first));
  if (other)
    throw nwb.fail(
      at,
      `${other.file} has frames of ${sizeOf(other)}, but ${first.file} has ${sizeOf(first)}; clips of one size are needed`,
    );
  const frame = frameLength(first);
  const places = clips.flatMap((clip) => Array.from({ length: clip.count }, (_, i) => ({ clip, i })));
  return {
    at: series,
    count: places.length,
    height: first.height,
    width: first.width,
    channels: first.channels,
    isBytes: clips.every(({ isBytes }) => isBytes),
    isWhole: clips.every(({ isWhole }) => isWhole),
    async read(from, to) {
      const pixels = new Float32Array((to - from) * frame);
      for (const [k, { clip, i }] of places.slice(from, to).entries())
        for (let p = 0; p < frame; p++) pixels[k * frame + p] = clip.pixels[i * frame + p]!;
      return pixels;
    },
  };
}

/** Opens the images of a `.npy` file that a user names. @throws ConfigError as `readNpy` */
export function openImageFile(file: string): ImageStack {
  const { shape, values, whole } = readNpy(file);
  const problem = () => new ConfigError(file, [{ path: "", message: framesWanted(shape) }]);
  const clip = framesIn(shape, { isBytes: values instanceof Uint8Array, isWhole: whole }, problem);
  const frame = frameLength(clip);
  return {
    at: file,
    ...clip,
    read: async (from, to) => values.subarray(from * frame, to * frame) as Uint8Array,
  };
}

function readClip(nwb: NwbFile, at: string, file: string): Clip {
  const folder = realpathSync(dirname(nwb.path));
  const path = resolve(folder, file);
  if (!existsSync(path))
    throw nwb.fail(
      at,
      `names ${file}, which is not in ${dirname(nwb.path)}; put the clips beside the NWB file`,
    );
  if (!isBelow(folder, realpathSync(path)))
    throw nwb.fail(
      at,
      `names ${file}, outside of the NWB file's folder: such files are not read; put them beside it`,
    );
  const reader = READERS[extname(file).toLowerCase()];
  if (!reader)
    throw nwb.fail(
      at,
      `names ${file}, whose format cannot be read; ${Object.keys(READERS).join(" and ")} can: write its frames as uint8 [frames, height, width] with numpy.save, and name that file`,
    );
  return { file, ...reader(readFileSync(path), file, nwb, at) };
}

function readArray(bytes: Uint8Array, file: string, nwb: NwbFile, at: string): Omit<Clip, "file"> {
  const { shape, values, whole } = parseNpy(bytes, nwb.path, file);
  const problem = () => nwb.fail(at, `names ${file}, which ${framesWanted(shape)}`);
  return {
    ...framesIn(shape, { isBytes: values instanceof Uint8Array, isWhole: whole }, problem),
    pixels: values,
  };
}

const framesWanted = (shape: readonly number[]) =>
  `must be images [frames, height, width] or [frames, height, width, 3]; it has shape [${shape}]`;

/** Returns the number of images of an array, and their size. @throws the problem when the array holds no images */
export function framesIn(
  shape: readonly number[],
  type: PixelType,
  problem: () => ConfigError,
): Pick<ImageStack, "count" | "height" | "width" | "channels" | keyof PixelType> {
  const [count, height, width, channels = 1] = shape as [number, number, number, number?];
  if (![3, 4].includes(shape.length) || ![1, 3, 4].includes(channels) || count * height * width === 0)
    throw problem();
  return { count, height, width, channels, ...type };
}

function readPng(bytes: Uint8Array, file: string, nwb: NwbFile, at: string): Omit<Clip, "file"> {
  try {
    const { height, width, data } = PNG.sync.read(Buffer.from(bytes));
    return { count: 1, height, width, channels: 4, isBytes: true, isWhole: true, pixels: data };
  } catch {
    throw nwb.fail(at, `names ${file}, which is not a PNG image, or is cut off`);
  }
}
