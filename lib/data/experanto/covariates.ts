import { join } from "node:path";
import { z } from "zod";
import { check } from "../../base/config";
import { readNpy } from "../../base/numpy/npy";
import { firstAtOrAfter, interpolatedAt } from "../in-frames";
import type { Modality } from "./modality";
import { clockOf, withSamples } from "./samples";

/** A covariate `[frames, columns]`, and 0 instead of 1 for the frames in which it has no value. */
export interface Interpolated {
  readonly values: Float32Array;
  readonly columns: number;
  readonly valid: Float32Array;
}

/** Interpolates a sequence, such as the speed of a treadmill, to some times. @throws ConfigError that names the file */
export function interpolatedSequence(modality: Modality, times: Float64Array): Interpolated {
  return withSamples(modality, ({ rows, columns, read }) => {
    const starts = clockOf(modality, rows);
    return { columns, ...interpolatedAt({ starts, values: read(0, rows), width: columns }, times) };
  });
}

const NPY = { error: "must be the name of a .npy file in the same folder" };
const LABELS = z.looseObject({ labels: z.record(z.string(), z.string().regex(/^[^/\\]+\.npy$/, NPY)) });

/** Returns for each label of some intervals whether a time is in one of them, 1 or 0. @param times in order @throws ConfigError that names the file */
export function intervalsAt(
  { folder, file, meta }: Modality,
  times: Float64Array,
): ReadonlyMap<string, Float32Array> {
  const { labels } = check(LABELS, meta, file);
  return new Map(
    Object.entries(labels).map(([label, name]) => {
      const { values } = readNpy(join(folder, name));
      const inside = new Float32Array(times.length);
      for (let i = 0; i + 1 < values.length; i += 2) {
        const [from, to] = [values[i]!, values[i + 1]!];
        if (from < to) inside.fill(1, firstAtOrAfter(times, from), firstAtOrAfter(times, to));
      }
      return [label, inside];
    }),
  );
}
