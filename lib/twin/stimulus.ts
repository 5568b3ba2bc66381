import { product } from "../base/arrays/shape";
import { ConfigError } from "../base/config";
import { tf } from "../engine";

/** Frames of a movie, `[frames, height, width]` or `[frames, height, width, channels]`, in row-major order. */
export interface Movie {
  readonly shape: readonly number[];
  /** Bytes are grey levels, as in recordings. Floating-point values are as the model sees them: 0 is mid-grey. */
  readonly values: Uint8Array | Float32Array;
}

/** A movie that is read in parts, so that it need not fit into memory. */
export interface MovieParts {
  /** `[frames, height, width]` or `[frames, height, width, channels]` */
  readonly shape: readonly number[];
  /** Returns the values of the frames `from` to `to - 1`. */
  read(from: number, to: number): Movie["values"];
}

/** A stimulus: a movie in memory, in a tensor, or read in parts. */
export type Stimulus = Movie | MovieParts | tf.Tensor;

/** The size of a model's frames. */
export interface FrameSize {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/** The field of view and the clock of a twin. */
export interface TwinView extends FrameSize {
  /** The lags in frames of a sample, oldest first. */
  readonly lags: readonly number[];
  /** Frames per second. */
  readonly samplingRate: number;
  /** Undefined for runs that did not record it. */
  readonly pixelsPerDegree?: number | undefined;
  /**
   * Applies the transforms of the recordings' movies to a movie of bytes, `[frames, height, width]`. Default: bytes become
   * `(x - 127) / 255`.
   */
  readonly transform?: ((movie: MovieParts) => Movie | MovieParts) | undefined;
}

/** The options of how a stimulus becomes the model's frames. */
export interface FramesOptions {
  /** `center` cuts frames that are larger than the model's at their centre. Default: another size is an error. */
  crop?: "center";
  /** The frames before the first one: mid-grey, or the first frame repeated. Default `grey`. */
  before?: "grey" | "first";
}

/** The grey level of 0, and the range of grey levels that has length 1 after normalisation. */
const GREY = 127;
const RANGE = 255;

/** The frames of a stimulus as a model sees them. */
export class StimulusFrames {
  readonly frames: number;
  private readonly source: MovieParts;
  private readonly height: number;
  private readonly width: number;

  /** @throws ConfigError for frames of another size or number of channels */
  constructor(
    stimulus: Stimulus,
    private readonly size: FrameSize & Pick<TwinView, "transform">,
    private readonly options: FramesOptions = {},
  ) {
    const given = partsOf(stimulus);
    const changes = size.transform && given.read(0, 1) instanceof Uint8Array;
    this.source = changes ? partsOf(size.transform(given)) : given;
    const { shape } = this.source;
    const [frames = 0, height = 0, width = 0, channels = 1, ...others] = shape;
    const must = `[frames, ${size.height}, ${size.width}${size.channels > 1 ? `, ${size.channels}` : ""}]`;
    const fail = (message: string) => new ConfigError("stimulus", [{ path: "shape", message }]);
    if (shape.length < 3 || others.length > 0 || channels !== size.channels)
      throw fail(`is [${shape}], but the model sees ${must}`);
    const larger = height >= size.height && width >= size.width;
    if (!(options.crop ? larger : height === size.height && width === size.width)) {
      const cut = larger ? '; crop: "center" (--crop center) cuts larger frames at their centre' : "";
      throw fail(`is [${shape}], but the model sees ${must}${cut}`);
    }
    this.frames = frames;
    this.height = height;
    this.width = width;
  }

  /**
   * Returns frames as the model sees them, `[to - from, height, width, channels]`. Frames before the first one are as `before` says;
   * frames after the last one are mid-grey.
   */
  read(from: number, to: number): Float32Array {
    const { height, width, channels } = this.size;
    const pixels = height * width * channels;
    const values = new Float32Array((to - from) * pixels);
    const [first, last] = [Math.max(0, from), Math.min(to, this.frames)];
    if (last > first) values.set(this.cut(first, last), (first - from) * pixels);
    if (from < 0 && this.frames > 0 && this.options.before === "first") {
      const frame = this.cut(0, 1);
      for (let t = from; t < Math.min(0, to); t++) values.set(frame, (t - from) * pixels);
    }
    return values;
  }

  /** Returns normalised frames of the model's size. */
  private cut(from: number, to: number): Float32Array {
    const read = this.source.read(from, to);
    const all = read instanceof Uint8Array ? Float32Array.from(read, (x) => (x - GREY) / RANGE) : read;
    const { height, width, channels } = this.size;
    if (this.height === height && this.width === width) return all;
    const top = (this.height - height) >> 1;
    const left = (this.width - width) >> 1;
    const kept = new Float32Array((to - from) * height * width * channels);
    for (let t = 0; t < to - from; t++)
      for (let row = 0; row < height; row++) {
        const at = ((t * this.height + top + row) * this.width + left) * channels;
        kept.set(all.subarray(at, at + width * channels), (t * height + row) * width * channels);
      }
    return kept;
  }
}

function partsOf(stimulus: Stimulus): MovieParts {
  if ("read" in stimulus) return stimulus;
  const { shape } = stimulus;
  const values = stimulus instanceof tf.Tensor ? tensorValues(stimulus) : stimulus.values;
  const pixels = product(shape.slice(1));
  if (values.length !== pixels * (shape[0] ?? 0)) {
    const message = `are ${values.length}, but the shape is [${shape}]`;
    throw new ConfigError("stimulus", [{ path: "values", message }]);
  }
  return { shape, read: (from, to) => values.subarray(from * pixels, to * pixels) };
}

/** Integer tensors are grey levels, as bytes are. */
function tensorValues(tensor: tf.Tensor): Movie["values"] {
  const values = tensor.dataSync();
  return tensor.dtype === "float32" ? Float32Array.from(values) : Uint8Array.from(values);
}
