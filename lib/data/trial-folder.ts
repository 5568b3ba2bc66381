import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { ConfigError } from "../base/config";
import { isFolder } from "../base/files/folder";
import { type NumpyArray, readNpy, withNpy } from "../base/numpy/npy";
import type { MovieShape, MovieSource } from "./movie-source";
import type { SourceArray } from "./source-array";
import { trialMovie } from "./trial-movie";

/** The folders of stimuli: `images` holds one image for each trial, `videos` one video. */
const STIMULI = ["images", "videos"] as const;
export type StimulusFolder = (typeof STIMULI)[number];

/**
 * A recording in the file tree of neuralpredictors (`FileTreeDataset`, https://github.com/sinzlab/neuralpredictors): a folder `data` with a
 * folder for each kind of data, and in it the file `k.npy` of each trial k. Images are `[H, W]` or `[C, H, W]`, and other data of images
 * `[values]`. Videos are `[H, W, T]`, other data of videos `[values, T]`, and all are padded with NaN after the end of a trial.
 */
export class TrialFolder {
  /** The number of trials. */
  readonly trials: number;
  /** The number of frames of each trial. */
  readonly lengths: readonly number[];
  readonly frames: number;

  /** @throws ConfigError when files of trials are missing or have other shapes */
  constructor(
    readonly path: string,
    readonly stimulus: StimulusFolder,
  ) {
    this.trials = this.countTrials();
    const lengths = Array.from({ length: this.trials }, (_, trial) => this.lengthOf(trial));
    this.lengths = lengths;
    this.frames = lengths.reduce((sum, length) => sum + length, 0);
  }

  /** Returns the stimuli of a folder. */
  static stimuli(path: string): StimulusFolder[] {
    return STIMULI.filter((stimulus) => isFolder(join(path, "data", stimulus)));
  }

  /** The names of the folders of other data, such as `behavior`. */
  get names(): string[] {
    return readdirSync(join(this.path, "data"))
      .filter((name) => isFolder(join(this.path, "data", name)) && name !== this.stimulus)
      .sort();
  }

  /** Returns a covariate that has one value for each trial. */
  perTrial(of: (trial: number) => number, whole: boolean): SourceArray {
    const { trials, lengths } = this;
    const slices = function* () {
      for (let trial = 0; trial < trials; trial++) yield new Float32Array(lengths[trial]!).fill(of(trial));
    };
    return { shape: [this.frames], whole, slices };
  }

  /**
   * Returns the data of a folder as a covariate, `[frames, values]`. It is read trial by trial.
   *
   * @param without returns the values of a trial without a file. Default: a missing file is an error
   */
  covariate(name: string, without?: (trial: number, values: number) => Float32Array): SourceArray {
    const columns = this.columnsOf(name);
    const { trials } = this;
    const rows = (trial: number) => this.rowsOf(name, trial, columns, without);
    const slices = function* () {
      for (let trial = 0; trial < trials; trial++) yield rows(trial);
    };
    return { shape: [this.frames, columns], whole: false, slices };
  }

  /** Returns the movie of all trials, as `trialMovie`. */
  movie(): MovieSource {
    const size = this.frameSize();
    return trialMovie({
      ...size,
      lengths: this.lengths,
      read: (trial) => this.movieOf(trial, size),
      fail: (trial, message) => new ConfigError(this.file(this.stimulus, trial), [{ path: "", message }]),
    });
  }

  private file(name: string, trial: number): string {
    return join(this.path, "data", name, `${trial}.npy`);
  }

  private countTrials(): number {
    const folder = join(this.path, "data", this.stimulus);
    const files = new Set(readdirSync(folder).filter((name) => /^\d+\.npy$/.test(name)));
    const missing = Array.from({ length: files.size }, (_, trial) => `${trial}.npy`).find(
      (name) => !files.has(name),
    );
    const fail = (message: string) => new ConfigError(folder, [{ path: "", message }]);
    if (files.size === 0) throw fail("holds no file of a trial: 0.npy, 1.npy, ...");
    if (missing) throw fail(`holds ${files.size} files of trials, but not ${missing}; copy it again`);
    return files.size;
  }

  /** Returns the number of frames before the NaN that pad a video; 1 for an image. */
  private lengthOf(trial: number): number {
    if (this.stimulus === "images") return 1;
    const file = this.file("videos", trial);
    return withNpy(file, ({ shape, strides, read }) => {
      const [frames, stride] = [shape[2]!, strides[2]!];
      if (shape.length !== 3) throw wrongShape(file, shape, "[height, width, frames]");
      let [low, high] = [0, frames];
      while (low < high) {
        const middle = (low + high) >> 1;
        if (Number.isFinite(read(middle * stride, middle * stride + 1)[0]!)) low = middle + 1;
        else high = middle;
      }
      if (low > 0) return low;
      throw new ConfigError(file, [
        { path: "", message: "is NaN in its first frame, so the trial has no frame" },
      ]);
    });
  }

  /** Returns the size of the first trial's frames; `movieOf` checks that the others have the same. */
  private frameSize(): Omit<MovieShape, "frames" | "dtype"> {
    const file = this.file(this.stimulus, 0);
    const shape = withNpy(file, (npy) => npy.shape);
    const [height, width] = this.stimulus === "videos" ? shape : shape.slice(-2);
    if (this.stimulus === "images" && shape.length !== 2 && shape.length !== 3)
      throw wrongShape(file, shape, "[height, width] or [channels, height, width]");
    const channels = this.stimulus === "images" && shape.length === 3 ? shape[0]! : 1;
    return { height: height!, width: width!, channels };
  }

  /** Returns the frames of a trial, `[frames, height, width, channels]`. */
  private movieOf(
    trial: number,
    { height, width, channels }: ReturnType<TrialFolder["frameSize"]>,
  ): Float32Array {
    const file = this.file(this.stimulus, trial);
    const { shape, values } = readNpy(file);
    const pixels = height * width;
    if (this.stimulus === "images") {
      if (values.length !== channels * pixels || String(shape.slice(-2)) !== String([height, width]))
        throw wrongShape(file, shape, `[${channels}, ${height}, ${width}], as in 0.npy`);
      return swapped(values, channels, pixels, pixels);
    }
    if (shape[0] !== height || shape[1] !== width)
      throw wrongShape(file, shape, `[${height}, ${width}, frames], as in 0.npy`);
    return swapped(values, pixels, shape[2]!, this.lengths[trial]!);
  }

  private columnsOf(name: string): number {
    const trial = this.lengths.findIndex((_, each) => existsSync(this.file(name, each)));
    if (trial < 0)
      throw new ConfigError(join(this.path, "data", name), [
        { path: "", message: "holds no file of a trial: 0.npy, 1.npy, ..." },
      ]);
    return withNpy(this.file(name, trial), ({ shape }) => shape[0] ?? 1);
  }

  /** Returns the data of a trial, `[frames, columns]`. */
  private rowsOf(
    name: string,
    trial: number,
    columns: number,
    without?: (trial: number, values: number) => Float32Array,
  ): Float32Array {
    const file = this.file(name, trial);
    const frames = this.lengths[trial]!;
    if (without && !existsSync(file)) return without(trial, frames * columns);
    const { shape, values }: NumpyArray = readNpy(file);
    const last = this.stimulus === "videos" ? (shape[1] ?? 0) : 1;
    if ((shape[0] ?? 1) !== columns || last < frames || values.length !== columns * last)
      throw wrongShape(
        file,
        shape,
        this.stimulus === "videos" ? `[${columns}, ${frames} or more frames]` : `[${columns}]`,
      );
    return swapped(values, columns, last, frames);
  }
}

/** Swaps two axes and keeps the first values of the second one: `[a, b]` → `[kept, a]`. */
function swapped(values: ArrayLike<number>, a: number, b: number, kept: number): Float32Array {
  const result = new Float32Array(kept * a);
  for (let i = 0; i < a; i++) for (let j = 0; j < kept; j++) result[j * a + i] = values[i * b + j]!;
  return result;
}

const wrongShape = (file: string, shape: readonly number[], must: string) =>
  new ConfigError(file, [{ path: "", message: `has shape [${shape}], but must be ${must}` }]);
