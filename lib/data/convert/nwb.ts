import type { File, Group } from "h5wasm/node";
import { ConfigError } from "../../base/config";
import { unitIds } from "../check-recording";
import { getArray, readHdf5 } from "../hdf5";
import { defineImporter, type Imported, PIXELS_PER_DEGREE, sourceName, text } from "./importer";

/** Reads NWB 2 files. */
export const nwb = defineImporter({
  name: "nwb",
  description: "an NWB 2 file (.nwb, .h5)",
  options: {
    pixels_per_degree: PIXELS_PER_DEGREE,
    stimulus: { schema: text.optional(), value: "name", help: "the image series that was shown" },
    eye: {
      schema: text.optional(),
      value: "path",
      help: "the spatial series of gaze, such as processing/behavior/EyeTracking/eye",
    },
  },
  accepts: (path) => /\.(nwb|h5)$/.test(path),
  read: (path, { stimulus, eye, pixels_per_degree: pixelsPerDegree = 1 }) =>
    sessionOfNwb(path, {
      name: sourceName(path),
      pixelsPerDegree,
      ...(stimulus ? { stimulus } : {}),
      ...(eye ? { eye } : {}),
    }),
});

/** The start time of each sample of a series in seconds, and the usual interval between samples. */
export interface Clock {
  starts: Float64Array;
  period: number;
}

/** An open NWB file. Invalid contents throw an error that names the file and the path in it. */
class NwbFile {
  constructor(
    readonly path: string,
    private readonly file: File,
  ) {}

  fail(at: string, message: string): ConfigError {
    return new ConfigError(this.path, [{ path: at, message }]);
  }

  keys(group: string): string[] {
    return (this.file.get(group) as Group | null)?.keys() ?? [];
  }

  find(at: string): ReturnType<typeof getArray> {
    return getArray(this.file, at);
  }

  /** Reads numbers. @param what a description of the expected data @throws ConfigError when there are no numbers */
  numbers(at: string, what: string): NonNullable<ReturnType<typeof getArray>> {
    const found = this.find(at);
    if (!found) throw this.fail(at, `is missing or not numeric: ${what}`);
    return found;
  }

  /**
   * Reads the clock of a series.
   *
   * @param samples the number of samples of the series
   * @throws ConfigError when the clock is missing or does not match
   */
  clockOf(series: string, samples: number): Clock {
    const stamps = this.find(`${series}/timestamps`);
    if (stamps) {
      const starts = Float64Array.from(stamps.values);
      const steps = starts
        .slice(1)
        .map((t, i) => t - starts[i]!)
        .sort();
      const bad = starts.findIndex((t, i) => i > 0 && !(t > starts[i - 1]!));
      if (starts.length !== samples || bad >= 0) throw this.fail(`${series}/timestamps`, bad >= 0 ? `do not increase at frame ${bad}` : `are ${starts.length}, but there are ${samples} frames`); // biome-ignore format: one line
      return { starts, period: steps[steps.length >> 1]! };
    }
    const first = this.file.get(`${series}/starting_time`);
    const rate = first && "attrs" in first ? Number(first.attrs.rate?.value) : Number.NaN;
    if (!(rate > 0)) throw this.fail(series, "has neither timestamps nor a starting_time with a rate");
    const from = Number((first as unknown as { value: number }).value);
    return { starts: Float64Array.from({ length: samples }, (_, t) => from + t / rate), period: 1 / rate };
  }
}

/** The options of `sessionOfNwb`. */
export interface NwbOptions {
  name: string;
  /** The image series in `stimulus/presentation` that was shown. Default: the only one. */
  stimulus?: string;
  /** The path of a spatial series of gaze in degrees, `[n, 2]` as (x, y). Default: none; the eye is assumed to be still. */
  eye?: string;
  /** Default 1. */
  pixelsPerDegree?: number;
}

/**
 * Makes a session from an NWB 2 file (https://nwb-schema.readthedocs.io): the frames of a stimulus are the bins, in which each unit's
 * spikes are counted; trials are those of `intervals/trials`, and frames between trials form separate trials.
 *
 * @returns the session, and descriptions of the defaults used for missing data
 * @throws ConfigError that names the file and the path in it
 */
export async function sessionOfNwb(
  path: string,
  { name, stimulus, eye, pixelsPerDegree = 1 }: NwbOptions,
): Promise<Imported> {
  return readHdf5(path, "check the path", (file) => {
    const nwb = new NwbFile(path, file);
    const { type, clock, ...movie } = stimulusOf(nwb, stimulus);
    const { cids, robs } = spikesOf(nwb, clock);
    const middles = clock.starts.map((start) => start + clock.period / 2);
    const gaze = eye ? gazeAt(nwb, eye, middles) : still(movie.frames);
    const recording = {
      ...movie,
      robs,
      trialInds: trialsOf(nwb, middles),
      ...gaze,
      tBins: middles,
      others: {},
    };
    const samplingRate = Number((1 / clock.period).toPrecision(6));
    return {
      session: { name, samplingRate, pixelsPerDegree, cids, recordings: { [type]: recording } },
      assumed: eye ? [] : ["eyepos: 0, the centre", "dpi_valid: 1, always valid"],
    };
  });
}

const SHOWN = "stimulus/presentation";

/** Returns the frames of the stimulus series, and the start time of each. */
function stimulusOf(nwb: NwbFile, chosen: string | undefined) {
  const series = nwb.keys(SHOWN);
  const type = chosen ?? (series.length === 1 ? series[0]! : undefined);
  if (!type || !series.includes(type))
    throw nwb.fail(
      SHOWN,
      `has ${series.join(", ") || "no image series"}; choose one of them with --stimulus`,
    );
  const at = `${SHOWN}/${type}`;
  const { shape, values } = nwb.numbers(`${at}/data`, "the frames of the stimulus");
  const [frames, height, width] = shape as [number, number, number];
  if (shape.length !== 3 || !(values instanceof Uint8Array) || frames < 2)
    throw nwb.fail(`${at}/data`, `must be uint8 [frames, height, width], but has shape [${shape}]`);
  return { type, frames, height, width, stim: values, clock: nwb.clockOf(at, frames) };
}

/** Counts the spikes of each unit in each frame, `[frames, units]`. */
function spikesOf(nwb: NwbFile, { starts, period }: Clock): { cids: number[]; robs: Float32Array } {
  const cids = unitIds(nwb.path, nwb.numbers("units/id", "the units").values);
  const spikes = nwb.numbers("units/spike_times", "seconds, all units one after another").values;
  const ends = nwb.numbers("units/spike_times_index", "where each unit's spikes end").values;
  const robs = new Float32Array(starts.length * cids.length);
  cids.forEach((_, unit) => {
    for (let i = ends[unit - 1] ?? 0; i < ends[unit]!; i++) {
      const t = binOf(starts, period, spikes[i]!);
      if (t >= 0) robs[t * cids.length + unit]!++;
    }
  });
  return { cids, robs };
}

interface Gaze {
  eyepos: Float32Array;
  dpiValid: Float32Array;
}

/** Returns the gaze of an eye that was not tracked. */
const still = (frames: number): Gaze => ({
  eyepos: new Float32Array(2 * frames),
  dpiValid: new Float32Array(frames).fill(1),
});

/** Returns the frame at a time: the last frame that had begun, if it was still shown; -1 for none. */
function binOf(starts: Float64Array, period: number, time: number): number {
  let [low, high] = [0, starts.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (starts[middle]! <= time) low = middle + 1;
    else high = middle;
  }
  const end = starts[low] ?? starts[low - 1]! + period;
  // If the next frame starts late, this frame was shown only for the usual interval.
  return low > 0 && time < Math.min(end, starts[low - 1]! + 1.5 * period) ? low - 1 : -1;
}

/** Interpolates gaze at some times between the two neighbouring samples. It is not valid where one of them is NaN or missing. */
function gazeAt(nwb: NwbFile, at: string, times: Float64Array): Gaze {
  const data = nwb.find(`${at}/data`);
  if (data?.shape[1] !== 2) throw nwb.fail(`${at}/data`, "must be gaze [samples, 2] in degrees, as (x, y)");
  const { starts } = nwb.clockOf(at, data.shape[0]!);
  const eyepos = new Float32Array(2 * times.length);
  const dpiValid = new Float32Array(times.length);
  times.forEach((time, t) => {
    const i = binOf(starts, Number.POSITIVE_INFINITY, time);
    if (i < 0 || i + 1 >= starts.length) return;
    const share = (time - starts[i]!) / (starts[i + 1]! - starts[i]!);
    const of = (k: number) => data.values[2 * i + k]! * (1 - share) + data.values[2 * i + 2 + k]! * share;
    if (!Number.isFinite(of(0) + of(1))) return;
    eyepos.set([of(0), of(1)], 2 * t);
    dpiValid[t] = 1;
  });
  return { eyepos, dpiValid };
}

/** Returns the trial of each time. Times between trial k and the next one get a separate number. */
function trialsOf(nwb: NwbFile, times: Float64Array): Int32Array {
  const [starts, stops] = ["start_time", "stop_time"].map(
    (name) => nwb.find(`intervals/trials/${name}`)?.values,
  );
  if (!starts || !stops)
    throw nwb.fail("intervals/trials", "is missing: start_time and stop_time of each trial, in seconds");
  const begun = (time: number) => Array.from(starts).filter((start) => start <= time).length - 1;
  return Int32Array.from(times, (time) => {
    const trial = begun(time);
    return trial >= 0 && time < stops[trial]! ? trial : starts.length + 1 + trial;
  });
}
