import type { FrameSize } from "../../../base/dsp/movie";

/** The type of pixels. */
export interface PixelType {
  /** Whether pixels are bytes, and whether they are integers. */
  readonly isBytes: boolean;
  readonly isWhole: boolean;
}

/** The images of a stimulus: the frames of a movie, or a set of pictures. */
export interface ImageStack extends FrameSize, PixelType {
  /** The path in the file. */
  readonly at: string;
  readonly count: number;
  /** 1 for gray, 3 for RGB, 4 for RGB with alpha. */
  readonly channels: number;
  /** The names of the images, if they have any. */
  readonly labels?: readonly string[];
  /** Reads the pixels of the images from `from` up to `to`, in row-major order. */
  read(from: number, to: number): Promise<ArrayLike<number>>;
}

/** The number of a frame without an image, which is gray. */
export const GRAY = -1;

/** A stimulus as it was shown: images, and the times at which each of them was on the screen. */
export interface Shown {
  /** The stimulus type in the session file. */
  readonly name: string;
  readonly images: ImageStack;
  /** The image of each presentation, or `GRAY`. */
  readonly index: Int32Array;
  /** The times at which each presentation began and ended, in seconds. */
  readonly starts: Float64Array;
  readonly stops: Float64Array;
  /** The usual distance of two presentations in seconds. */
  readonly period: number;
  /** The parts of the source that were left out, with the reasons. */
  readonly leftOut: readonly string[];
}

/** A stimulus of the file that can be converted. */
export interface Candidate {
  readonly name: string;
  readonly description: string;
  /** @param chosen the names of all stimuli that are converted */
  open(chosen: readonly string[]): Promise<Shown>;
}
