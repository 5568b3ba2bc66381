import { product } from "../../base/arrays/shape";
import { ConfigError } from "../../base/config";
import type { NumpyArray } from "../../base/numpy/npy";
import { swapped } from "../movie-layout";
import { KNOWN } from "../read-recording";
import type { OtherCovariate, Recording } from "../session";

/** The arrays of one stimulus type, and what they do not contain. */
export interface RecordingArrays {
  /** The file or folder, and the prefix of the arrays' names, for errors. */
  readonly path: string;
  readonly prefix: string;
  readonly arrays: ReadonlyMap<string, NumpyArray>;
  readonly samplingRate: number;
  /** The length of the trials in seconds, if the arrays have none. */
  readonly block: number;
}

/** A recording, and descriptions for the user of what was converted and of what was assumed. */
interface MadeRecording {
  readonly recording: Recording;
  readonly taken: string[];
  readonly assumed: string[];
}

/** The largest number of channels for which a movie `[T, C, H, W]` is recognised. */
const MOST_CHANNELS = 4;

/**
 * Makes a recording from the arrays of one stimulus type. `stim` and `robs` are required.
 *
 * @throws ConfigError that names the array
 */
export function recordingOfArrays(given: RecordingArrays): MadeRecording {
  const { path, prefix, arrays, samplingRate, block } = given;
  const fail = (name: string, message: string) => new ConfigError(path, [{ path: prefix + name, message }]);
  const required = (name: string) => {
    const found = arrays.get(name);
    if (!found) throw fail(name, `is missing; found ${[...arrays.keys()].join(", ")}`);
    return found;
  };
  const taken: string[] = [];
  const assumed: string[] = [];
  const movie = movieOf(
    required("stim"),
    (message) => fail("stim", message),
    (what) => taken.push(`${prefix}stim: ${what}`),
  );
  const { frames } = movie;
  const robs = responsesOf(required("robs"), frames, (message) => fail("robs", message));
  const rows = (name: string, rest: number[], says: string, otherwise: (at: number) => number) => {
    const found = arrays.get(name);
    const must = [frames, ...rest];
    if (found && String(found.shape) !== String(must))
      throw fail(name, `has shape [${found.shape}], but stim has ${frames} frames, so it must be [${must}]`);
    if (found) return found.values;
    assumed.push(`${prefix}${name}: ${says}`);
    return Float64Array.from({ length: product(must) }, (_, at) => otherwise(at));
  };
  const blockFrames = Math.max(1, Math.round(block * samplingRate));
  const recording = {
    ...movie,
    robs,
    trialInds: Int32Array.from(
      rows("trial_inds", [], `blocks of ${block} s (${blockFrames} frames)`, (t) =>
        Math.floor(t / blockFrames),
      ),
    ),
    eyepos: Float32Array.from(rows("eyepos", [2], "0, the centre", () => 0)),
    tBins: Float64Array.from(
      rows("t_bins", [], `frames at ${samplingRate} per second`, (t) => (t + 0.5) / samplingRate),
    ),
    dpiValid: Float32Array.from(rows("dpi_valid", [], "1, always valid", () => 1)),
    others: othersOf(given, frames),
  };
  return { recording, taken, assumed };
}

type Movie = Pick<Recording, "frames" | "height" | "width" | "channels" | "stim">;

/** Returns the movie: bytes, or whole numbers of 0 to 255 as bytes, or else numbers that are used as they are. */
function movieOf(
  { shape, values, whole }: NumpyArray,
  fail: (message: string) => ConfigError,
  take: (what: string) => void,
): Movie {
  if (shape.length !== 3 && shape.length !== 4)
    throw fail(
      `has shape [${shape}], but must be [frames, height, width], [frames, height, width, channels] or [frames, channels, height, width]`,
    );
  const isFirst = shape.length === 4 && shape[1]! <= MOST_CHANNELS && shape[3]! > MOST_CHANNELS;
  const [frames, height, width, channels = 1] = (
    isFirst ? [shape[0], shape[2], shape[3], shape[1]] : shape
  ) as [number, number, number, number?];
  if (frames < 2 || height * width * channels === 0)
    throw fail(`has shape [${shape}], but must have two frames or more, of one pixel or more`);
  if (isFirst) take(`axis 1 of [${shape}] has the channels`);
  const isByte =
    values instanceof Uint8Array || (whole && values.every((value) => value >= 0 && value <= 255));
  if (isByte && !(values instanceof Uint8Array)) take("whole numbers of 0 to 255, as bytes");
  const stored = isByte ? Uint8Array.from(values) : Float32Array.from(values);
  const stim = isFirst ? swapped(stored, frames, channels, height * width) : stored;
  return { frames, height, width, ...(channels === 1 ? {} : { channels }), stim };
}

/** Returns the responses, `[frames, units]`; one unit may be `[frames]`. */
function responsesOf(
  { shape, values }: NumpyArray,
  frames: number,
  fail: (message: string) => ConfigError,
): Float32Array {
  if (shape[0] === frames && shape.length <= 2) return Float32Array.from(values);
  const must = [frames, shape.length === 2 ? shape[1] : "units"];
  const hint =
    shape.length === 2 && shape[1] === frames
      ? `[${frames},${shape[0]}]; it is transposed: save robs.T`
      : `[${must}]`;
  throw fail(`has shape [${shape}], but stim has ${frames} frames, so it must be ${hint}`);
}

/** Returns the other covariates. @throws ConfigError for a covariate without a row for each frame */
function othersOf({ path, prefix, arrays }: RecordingArrays, frames: number): Record<string, OtherCovariate> {
  const others = [...arrays].filter(([name]) => !KNOWN.includes(name));
  const problems = others
    .filter(([, { shape }]) => shape[0] !== frames)
    .map(([name, { shape }]) => ({
      path: prefix + name,
      message: `has shape [${shape}], but stim has ${frames} frames: a covariate has a row for each frame; correct it, or remove it`,
    }));
  if (problems.length > 0) throw new ConfigError(path, problems);
  return Object.fromEntries(
    others.map(([name, { shape, values, whole }]) => [
      name,
      { shape, values: Float32Array.from(values), whole },
    ]),
  );
}
