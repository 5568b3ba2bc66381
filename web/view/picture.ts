/** Draws contrast, `[height, width]` with -1 black and 1 white, onto a canvas of that many pixels. */
export function drawContrast(canvas: HTMLCanvasElement, values: ArrayLike<number>): void {
  const context = canvas.getContext("2d")!;
  const image = context.createImageData(canvas.width, canvas.height);
  for (let i = 0; i < image.data.length / 4; i++) {
    const level = 127.5 + 127.5 * Math.min(1, Math.max(-1, values[i]!));
    image.data.set([level, level, level, 255], 4 * i);
  }
  context.putImageData(image, 0, 0);
}

/** Reads an image or the current frame of a video as contrast, `[height, width]`: its centre, as large as possible. */
export function readContrast(
  source: HTMLImageElement | HTMLVideoElement,
  height: number,
  width: number,
): Float32Array {
  const [ownWidth, ownHeight] =
    source instanceof HTMLVideoElement
      ? [source.videoWidth, source.videoHeight]
      : [source.naturalWidth, source.naturalHeight];
  const canvas = Object.assign(document.createElement("canvas"), { height, width });
  const context = canvas.getContext("2d", { willReadFrequently: true })!;
  const scale = Math.min(ownWidth / width, ownHeight / height);
  const [cutWidth, cutHeight] = [width * scale, height * scale];
  context.imageSmoothingQuality = "high";
  context.drawImage(
    source,
    ...([(ownWidth - cutWidth) / 2, (ownHeight - cutHeight) / 2, cutWidth, cutHeight] as const),
    ...([0, 0, width, height] as const),
  );
  const { data } = context.getImageData(0, 0, width, height);
  return Float32Array.from({ length: height * width }, (_, i) => {
    const [red, green, blue] = [data[4 * i]!, data[4 * i + 1]!, data[4 * i + 2]!];
    return (0.299 * red + 0.587 * green + 0.114 * blue - 127.5) / 127.5;
  });
}
