import { ConfigError } from "../../base/config";
import { type FrameSize, frameLength } from "../../base/dsp/movie";
import { readNpy, withNpy } from "../../base/numpy/npy";
import { swapped } from "../movie-layout";
import type { MovieSource, StoredMovie } from "../movie-source";
import { trialMovie } from "../trial-movie";
import type { ScreenTrial } from "./screen";

/** The size of the frames of a screen. */
interface ScreenSize extends FrameSize {
  readonly channels: number;
  /** Whether the files have the channels before height and width. */
  readonly channelsFirst: boolean;
}

/** The largest number of channels, by which the axis of channels is recognised. */
const MOST_CHANNELS = 4;

/**
 * Returns the movie of the frames of a recording. Images are `[height, width]`, videos `[frames, height, width]`, and both may have channels
 * first or last.
 *
 * @param shown the frame of the screen that each frame shows
 * @throws ConfigError that names the file of an image or video of another shape
 */
export function movieOf(path: string, trials: readonly ScreenTrial[], shown: Int32Array): MovieSource {
  const withFile = [...trials.keys()].filter((trial) => trials[trial]!.file);
  const first = trials[withFile[0] ?? -1];
  if (!first) throw new ConfigError(path, [{ path: "screen", message: "has no image and no video" }]);
  const size = sizeOf(first);
  const screen = trialMovie({
    ...size,
    lengths: trials.map(({ frames }) => frames),
    examined: withFile,
    read: (trial) => framesOf(trials[trial]!, first, size),
    fail: (trial, message) =>
      new ConfigError(trials[trial]!.file ?? trials[trial]!.at.where, [{ path: "", message }]),
  });
  return { ...screen, frames: shown.length, read: (from, to) => readShown(screen, shown.subarray(from, to)) };
}

/** Reads some frames of the screen: consecutive ones in one read. */
function readShown(screen: MovieSource, shown: Int32Array): StoredMovie {
  const length = frameLength(screen);
  const frames = new (screen.dtype === "uint8" ? Uint8Array : Float32Array)(shown.length * length);
  for (let at = 0; at < shown.length; ) {
    let end = at + 1;
    while (end < shown.length && shown[end] === shown[end - 1]! + 1) end++;
    frames.set(screen.read(shown[at]!, shown[at]! + end - at), at * length);
    at = end;
  }
  return frames;
}

/** Returns the shape of a trial's frames, without the axis of time. */
function frameShape({ kind }: ScreenTrial, shape: readonly number[]): readonly number[] {
  if (kind === "video") return shape.slice(1);
  return shape.length === 3 && shape[0] === 1 ? shape.slice(1) : shape;
}

function sizeOf(trial: ScreenTrial): ScreenSize {
  const file = trial.file!;
  const shape = withNpy(file, (npy) => npy.shape);
  const frame = frameShape(trial, shape);
  const [a, b, c = 1] = frame as [number, number, number?];
  if (frame.length === 2 || (frame.length === 3 && c <= MOST_CHANNELS))
    return { height: a, width: b, channels: c, channelsFirst: false };
  if (frame.length === 3 && a <= MOST_CHANNELS)
    return { height: b, width: c, channels: a, channelsFirst: true };
  const must = trial.kind === "video" ? "[frames, height, width]" : "[height, width]";
  const message = `has shape [${shape}], but must be ${must}, or the same with channels first or last`;
  throw new ConfigError(file, [{ path: "", message }]);
}

const proper = (lengths: readonly number[]) => lengths.filter((length) => length !== 1);

/** Reads the frames of a trial, `[frames, height, width, channels]`. @param first the trial that gives the size */
function framesOf(trial: ScreenTrial, first: ScreenTrial, size: ScreenSize): StoredMovie {
  const { height, width, channels, channelsFirst } = size;
  const length = frameLength(size);
  const { file, frames, value } = trial;
  if (!file) return new Float32Array(frames * length).fill(value);
  const { shape, values } = readNpy(file);
  const wanted =
    channels === 1 ? [height, width] : channelsFirst ? [channels, height, width] : [height, width, channels];
  const found = frameShape(trial, shape);
  const isSame = String(proper(found)) === String(proper(wanted));
  if (!isSame || values.length < frames * length) {
    const must = trial.kind === "video" ? [`${frames} or more frames`, ...wanted] : wanted;
    const message = `has shape [${shape}], but must be [${must.join(", ")}]: the size of ${first.key}.npy`;
    throw new ConfigError(file, [{ path: "", message }]);
  }
  const stored = values instanceof Uint8Array ? values : Float32Array.from(values);
  const kept = stored.subarray(0, frames * length);
  return channelsFirst ? swapped(kept, frames, channels, height * width) : kept;
}
