import { framesIn, openClips } from "./clips";
import type { NwbFile } from "./nwb-file";
import type { ImageStack, PixelType } from "./shown";
import type { ElementType } from "./source";

/**
 * Opens the images of an `ImageSeries` or of an `Images` container.
 *
 * @throws ConfigError when they are not images of one size, or are in external files that cannot be read
 */
export async function openImages(nwb: NwbFile, at: string): Promise<ImageStack> {
  if (isExternal(nwb, at)) return openClips(nwb, at);
  return nwb.array(`${at}/data`) ? seriesOf(nwb, at) : containerOf(nwb, at);
}

/** Whether the frames of a series are in other files. */
export function isExternal(nwb: NwbFile, at: string): boolean {
  return (nwb.array(`${at}/external_file`)?.shape[0] ?? 0) > 0;
}

const pixelType = (type: ElementType): PixelType => ({
  isBytes: type === "uint8",
  isWhole: type === "uint8" || type === "integer",
});

async function seriesOf(nwb: NwbFile, at: string): Promise<ImageStack> {
  const data = `${at}/data`;
  const { shape, type } = nwb.array(data)!;
  const problem = () =>
    nwb.fail(
      data,
      `must be images [frames, height, width] or, in color, [frames, height, width, 3]; it has shape [${shape}]`,
    );
  const frames = framesIn(shape, pixelType(type), problem);
  const labels = await nwb.texts(`${at}/control_description`);
  return {
    at,
    ...frames,
    ...(labels?.length === frames.count ? { labels } : {}),
    read: async (from, to) => (await nwb.numbers(data, "the frames of the stimulus", from, to)).values,
  };
}

async function containerOf(nwb: NwbFile, at: string): Promise<ImageStack> {
  const labels = await orderOf(nwb, at);
  const paths = labels.map((label) => `${at}/${label}`);
  const first = nwb.array(paths[0] ?? "");
  if (!first) throw nwb.fail(at, "holds no images");
  const [height, width, channels = 1] = first.shape as [number, number, number?];
  const other = paths.find((path) => String(nwb.array(path)?.shape) !== String(first.shape));
  if (other)
    throw nwb.fail(
      other,
      `has shape [${nwb.array(other)?.shape}], but ${paths[0]} has [${first.shape}]; images of one size are needed`,
    );
  if (![2, 3].includes(first.shape.length) || ![1, 3, 4].includes(channels))
    throw nwb.fail(
      paths[0]!,
      `must be an image [height, width] or [height, width, 3]; it has shape [${first.shape}]`,
    );
  return {
    at,
    count: paths.length,
    height,
    width,
    channels,
    ...pixelType(first.type),
    labels,
    async read(from, to) {
      const size = height * width * channels;
      const pixels = new Float32Array((to - from) * size);
      for (let i = from; i < to; i++)
        pixels.set(Float32Array.from((await nwb.numbers(paths[i]!, "an image")).values), (i - from) * size);
      return pixels;
    },
  };
}

const byNumber = new Intl.Collator("en", { numeric: true });

/** Returns the names of the images in their stated order, or else in the order of the numbers in their names. */
async function orderOf(nwb: NwbFile, at: string): Promise<string[]> {
  const stated = await nwb.texts(`${at}/order_of_images`);
  const lost = stated?.findIndex((path) => !path.startsWith(`${nwb.resolve(at)}/`)) ?? -1;
  if (lost >= 0)
    throw nwb.fail(`${at}/order_of_images`, `refers at ${lost} to an object that is no image of ${at}`);
  if (stated) return stated.map((path) => path.split("/").at(-1)!);
  if (nwb.array(`${at}/order_of_images`))
    throw nwb.fail(
      `${at}/order_of_images`,
      "has no references to images, so the numbers of images are unknown; write the file again with pynwb",
    );
  return nwb
    .keys(at)
    .filter((name) => (nwb.array(`${at}/${name}`)?.shape.length ?? 0) >= 2)
    .sort(byNumber.compare);
}
