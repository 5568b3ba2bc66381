import type { File, Group } from "h5wasm/node";
import { ConfigError } from "../../config";
import { getArray, readHdf5 } from "../hdf5";
import type { Session } from "../session";

export interface NwbOptions {
  name: string;
  /** The image series in `stimulus/presentation` that was shown. Default: the only one. */
  stimulus?: string;
  /** The path of a spatial series of gaze in degrees, `[n, 2]` as (x, y). Default: none, the eye is taken to be still. */
  eye?: string;
  /** Default 1. */
  pixelsPerDegree?: number;
}

/**
 * A session of an NWB 2 file (https://nwb-schema.readthedocs.io): the frames of a stimulus are the bins, each unit's spike times
 * are counted in them, trials are those of `intervals/trials`, and frames between trials are trials of their own.
 *
 * @returns what was not there and is assumed, in words
 * @throws ConfigError that names the file and the path in it
 */
export async function sessionOfNwb(
  path: string,
  options: NwbOptions,
): Promise<{ session: Session; assumed: string[] }> {
  return readHdf5(path, "check the path", (file) => {
    const fail = (at: string, message: string) => new ConfigError(path, [{ path: at, message }]);
    const numbers = (at: string, what: string) => {
      const found = getArray(file, at);
      if (!found) throw fail(at, `is missing or not numeric: ${what}`);
      return found;
    };
    const assumed: string[] = [];
    const shown = "stimulus/presentation";
    const series = (file.get(shown) as Group | null)?.keys() ?? [];
    const type = options.stimulus ?? (series.length === 1 ? series[0]! : undefined);
    if (!type || !series.includes(type))
      throw fail(shown, `has ${series.join(", ") || "no image series"}; choose one of them with --stimulus`);
    const stim = numbers(`${shown}/${type}/data`, "the frames of the stimulus");
    const [frames, height, width] = stim.shape as [number, number, number];
    if (stim.shape.length !== 3 || !(stim.values instanceof Uint8Array) || frames < 2)
      throw fail(
        `${shown}/${type}/data`,
        `must be uint8 [frames, height, width], but has shape [${stim.shape}]`,
      );
    const { starts, period } = clockOf(file, `${shown}/${type}`, frames, fail);
    const ids = Array.from(numbers("units/id", "the units").values);
    const spikes = Float64Array.from(
      numbers("units/spike_times", "seconds, all units one after another").values,
    );
    const ends = Array.from(numbers("units/spike_times_index", "where each unit's spikes end").values);
    const robs = new Float32Array(frames * ids.length);
    ids.forEach((_, unit) => {
      for (let i = ends[unit - 1] ?? 0; i < ends[unit]!; i++) {
        const t = binOf(starts, period, spikes[i]!);
        if (t >= 0) robs[t * ids.length + unit]!++;
      }
    });
    const middles = starts.map((start) => start + period / 2);
    const gaze = options.eye ? gazeAt(file, options.eye, middles, fail) : undefined;
    if (!gaze) assumed.push("eyepos: 0, the centre", "dpi_valid: 1, always valid");
    const trialInds = trialsOf(file, middles);
    if (!trialInds)
      throw fail("intervals/trials", "is missing: start_time and stop_time of each trial, in seconds");
    const recording = {
      frames, height, width, stim: stim.values, robs, trialInds,
      eyepos: gaze?.eyepos ?? new Float32Array(2 * frames),
      dpiValid: gaze?.valid ?? new Float32Array(frames).fill(1),
      tBins: middles,
      others: {},
    }; // biome-ignore format: names first
    const { name, pixelsPerDegree = 1 } = options;
    const samplingRate = Number((1 / period).toPrecision(6));
    return {
      session: { name, samplingRate, pixelsPerDegree, cids: ids, recordings: { [type]: recording } },
      assumed,
    };
  });
}

type Fail = (at: string, message: string) => ConfigError;

/** When each sample of a series begins, in seconds, and the usual time between two. */
function clockOf(
  file: File,
  at: string,
  frames: number,
  fail: Fail,
): { starts: Float64Array; period: number } {
  const stamps = getArray(file, `${at}/timestamps`);
  if (stamps) {
    const starts = Float64Array.from(stamps.values);
    const steps = starts
      .slice(1)
      .map((t, i) => t - starts[i]!)
      .sort();
    const bad = starts.findIndex((t, i) => i > 0 && !(t > starts[i - 1]!));
    if (starts.length !== frames || bad >= 0) throw fail(`${at}/timestamps`, bad >= 0 ? `do not grow at frame ${bad}` : `are ${starts.length}, but there are ${frames} frames`); // biome-ignore format: one line
    return { starts, period: steps[steps.length >> 1]! };
  }
  const first = file.get(`${at}/starting_time`);
  const rate = first && "attrs" in first ? Number(first.attrs.rate?.value) : Number.NaN;
  if (!(rate > 0)) throw fail(at, "has neither timestamps nor a starting_time with a rate");
  const from = Number((first as unknown as { value: number }).value);
  return { starts: Float64Array.from({ length: frames }, (_, t) => from + t / rate), period: 1 / rate };
}

/** The frame that a time falls in: the last that had begun, if it was still shown. -1 for none. */
function binOf(starts: Float64Array, period: number, time: number): number {
  let [low, high] = [0, starts.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (starts[middle]! <= time) low = middle + 1;
    else high = middle;
  }
  const end = starts[low] ?? starts[low - 1]! + period;
  // A frame that the next one follows late was shown for its own time only.
  return low > 0 && time < Math.min(end, starts[low - 1]! + 1.5 * period) ? low - 1 : -1;
}

/** Gaze at some times, between the two samples around each; not valid where one of them is no number, or there is none. */
function gazeAt(file: File, at: string, times: Float64Array, fail: Fail) {
  const data = getArray(file, `${at}/data`);
  if (data?.shape[1] !== 2) throw fail(`${at}/data`, "must be gaze [samples, 2] in degrees, as (x, y)");
  const { starts } = clockOf(file, at, data.shape[0]!, fail);
  const eyepos = new Float32Array(2 * times.length);
  const valid = new Float32Array(times.length);
  times.forEach((time, t) => {
    const i = binOf(starts, Number.POSITIVE_INFINITY, time);
    if (i < 0 || i + 1 >= starts.length) return;
    const share = (time - starts[i]!) / (starts[i + 1]! - starts[i]!);
    const of = (k: number) => data.values[2 * i + k]! * (1 - share) + data.values[2 * i + 2 + k]! * share;
    if (!Number.isFinite(of(0) + of(1))) return;
    eyepos.set([of(0), of(1)], 2 * t);
    valid[t] = 1;
  });
  return { eyepos, valid };
}

/** The trial of each time; what lies after trial k and before the next one is numbered apart from all trials. */
function trialsOf(file: File, times: Float64Array): Int32Array | undefined {
  const [starts, stops] = ["start_time", "stop_time"].map(
    (name) => getArray(file, `intervals/trials/${name}`)?.values,
  );
  if (!starts || !stops) return undefined;
  const begun = (time: number) => Array.from(starts).filter((start) => start <= time).length - 1;
  return Int32Array.from(times, (time) => {
    const trial = begun(time);
    return trial >= 0 && time < stops[trial]! ? trial : starts.length + 1 + trial;
  });
}
