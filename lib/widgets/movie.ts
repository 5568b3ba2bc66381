import { PNG } from "pngjs";
import { ConfigError } from "../base/config/errors";
import { extremes } from "../base/dsp/extremes";
import { type Box, hbox, htmlView, vbox } from "./containers";
import { link } from "./controls";
import { play, slider } from "./numbers";

/** Options of `movieView`. */
export interface MovieViewOptions {
  /** The height of a frame in pixels. */
  height: number;
  /** The width of a frame in pixels. */
  width: number;
  /** The number of frames in a second while the movie plays. Default 30 */
  fps?: number;
  /** The width on the page in pixels. Default: the multiple of `width` nearest to 320 */
  shownWidth?: number;
  /** The values of black and white. Default: the lowest and highest value of the movie */
  range?: readonly [low: number, high: number];
}

/**
 * Shows a movie in gray levels, with buttons that play it and a slider over its frames.
 *
 * @param frames all values, `[frames, height, width]` in rows, such as `movie.dataSync()` of a tensor
 * @throws ConfigError if the number of values is not a multiple of height × width
 */
export function movieView(frames: ArrayLike<number>, options: MovieViewOptions): Box {
  const { height, width, fps = 30, range = extremes(frames) } = options;
  const size = height * width;
  const count = frames.length / size;
  if (!Number.isInteger(count) || count < 1)
    throw new ConfigError("movieView", [
      {
        path: "frames",
        message: `has ${frames.length} values, but each frame needs ${height} × ${width} of them (height × width)`,
      },
    ]);
  const { shownWidth = Math.max(1, Math.round(320 / width)) * width } = options;
  const picture = (frame: number) => {
    const values = Array.prototype.slice.call(frames, frame * size, (frame + 1) * size) as number[];
    const src = `data:image/png;base64,${png(values, { height, width, range })}`;
    return `<img alt="frame ${frame}" style="image-rendering:pixelated;width:${shownWidth}px" src="${src}">`;
  };
  const view = htmlView(picture(0));
  if (count === 1) return vbox(view);
  const position = slider({ max: count - 1, label: "frame" });
  const player = play({ max: count - 1, interval: Math.round(1000 / fps), repeat: true });
  link(player, position);
  position.observe((frame) => view.show(picture(frame)));
  return vbox(hbox(player, position), view);
}

/** Returns an image in gray levels as base64. */
function png(
  values: readonly number[],
  { height, width, range: [low, high] }: Required<Pick<MovieViewOptions, "height" | "width" | "range">>,
): string {
  const image = new PNG({ height, width });
  for (const [i, value] of values.entries()) {
    const level = Math.min(255, Math.max(0, Math.round((255 * (value - low)) / (high - low || 1))));
    image.data.set([level, level, level, 255], 4 * i);
  }
  return PNG.sync.write(image).toString("base64");
}
