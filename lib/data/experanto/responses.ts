import { join } from "node:path";
import { z } from "zod";
import { ConfigError, check } from "../../base/config";
import { readNpy } from "../../base/numpy/npy";
import { countSpikes, type FrameSamples, inOrder, samplesIn, valueIn } from "../in-frames";
import { allocated } from "../source-array";
import type { ScreenFrames } from "./frames";
import type { Modality } from "./modality";
import { clockOf, readSpikes, type Table, withSamples } from "./samples";

/** The responses in the frames of a recording, `[frames, units]`; NaN where there are none. */
export interface FrameResponses {
  readonly units: number;
  readonly robs: Float32Array;
}

/** The number of values that are read at once. */
const BLOCK = 2 ** 22;

/**
 * Returns the responses in frames. Spikes are counted. The samples of a sequence in a frame are averaged; without any sample in the frame,
 * the neighbours are interpolated.
 *
 * @throws ConfigError that names the file
 */
export function responsesIn(modality: Modality, frames: ScreenFrames): FrameResponses {
  return modality.kind === "spikes"
    ? spikesIn(modality, frames)
    : withSamples(modality, (table) => samplesOf(modality, table, frames));
}

const SPIKES = z.looseObject({
  spike_indices: z.array(z.int().nonnegative()).min(2),
  start_time: z.number().default(Number.NEGATIVE_INFINITY),
  end_time: z.number().default(Number.POSITIVE_INFINITY),
});

function spikesIn(modality: Modality, { starts, stops }: ScreenFrames): FrameResponses {
  const { spike_indices: ends, start_time, end_time } = check(SPIKES, modality.meta, modality.file);
  const spikes = readSpikes(modality, ends.at(-1)!);
  const bad = ends.findIndex((end, i) => end < (ends[i - 1] ?? 0) || end > spikes.length);
  if (bad >= 0)
    throw new ConfigError(modality.file, [
      {
        path: `spike_indices.${bad}`,
        message: `is ${ends[bad]}, but must not decrease, and be at most ${spikes.length}, the number of spikes`,
      },
    ]);
  const trains = ends
    .slice(1)
    .map((end, unit) =>
      inOrder(Float64Array.from({ length: end - ends[unit]! }, (_, i) => spikes[ends[unit]! + i]!)),
    );
  const robs = countSpikes(trains, starts.length, (frame) => [starts[frame]!, stops[frame]!]);
  const units = trains.length;
  for (const [t, start] of starts.entries())
    if (start < start_time || stops[t]! > end_time) robs.fill(Number.NaN, t * units, (t + 1) * units);
  return { units, robs };
}

/** Columns whose samples are taken at the same times: those of the clock, and `shift` seconds. */
interface Phase {
  readonly shift: number;
  readonly columns: readonly number[];
}

function samplesOf(modality: Modality, table: Table, frames: ScreenFrames): FrameResponses {
  const { rows, columns: width, file } = table;
  const times = clockOf(modality, rows);
  const phases = phasesOf(modality, width);
  const { starts, stops } = frames;
  const robs = allocated(Float32Array, starts.length * width, { file, key: "" }).fill(Number.NaN);
  const most = Math.max(1, Math.floor(BLOCK / width));
  let block = { from: 0, to: 0, values: [] as ArrayLike<number> };
  for (let t = 0; t < starts.length; t++) {
    const found = phases.flatMap(({ shift, columns }) => {
      const samples = samplesIn(times, [starts[t]! - shift, stops[t]! - shift]);
      return samples ? [{ samples, columns }] : [];
    });
    const [from, to] = rangeOf(found.map(({ samples }) => samples));
    if (from < block.from || to > block.to) {
      const last = Math.min(rows, Math.max(to, from + most));
      block = { from, to: last, values: table.read(from, last) };
    }
    for (const { samples, columns } of found)
      for (const column of columns) {
        const at = (samples.first - block.from) * width + column;
        robs[t * width + column] = valueIn(samples, block.values, { at, width, adds: false });
      }
  }
  return { units: width, robs };
}

const rangeOf = (samples: readonly FrameSamples[]): [from: number, to: number] => [
  samples.reduce((least, { first }) => Math.min(least, first), Number.POSITIVE_INFINITY),
  samples.reduce((most, { end }) => Math.max(most, end), 0),
];

/** Delays are rounded to this number of seconds, so that thousands of units have few of them. */
const RESOLUTION = 1e-4;

const PHASES = z.looseObject({ phase_shift_per_signal: z.boolean().default(false) });

/** Returns the columns by their delays, which `meta/phase_shifts.npy` states in seconds. */
function phasesOf({ folder, file, meta }: Modality, width: number): Phase[] {
  const all = Array.from({ length: width }, (_, column) => column);
  if (!check(PHASES, meta, file).phase_shift_per_signal) return [{ shift: 0, columns: all }];
  const path = join(folder, "meta", "phase_shifts.npy");
  const { values } = readNpy(path);
  if (values.length !== width)
    throw new ConfigError(path, [
      { path: "", message: `has ${values.length} values, but the data have ${width} signals: one for each` },
    ]);
  const phases = new Map<number, number[]>();
  for (const column of all) {
    const shift = Math.round(values[column]! / RESOLUTION) * RESOLUTION;
    const own = phases.get(shift);
    if (own) own.push(column);
    else phases.set(shift, [column]);
  }
  return [...phases].map(([shift, columns]) => ({ shift, columns }));
}
