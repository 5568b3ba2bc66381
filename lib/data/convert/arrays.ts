import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { unzipSync } from "fflate";
import { ConfigError } from "../../base/config";
import { isFolder } from "../../base/files/folder";
import { readWhole } from "../../base/files/slices";
import { type NumpyArray, parseNpy } from "../../base/numpy/npy";
import { unitIds } from "../check-recording";
import { KNOWN } from "../read-recording";
import type { Recording, Session } from "../session";
import {
  defineImporter,
  type Imported,
  PIXELS_PER_DEGREE,
  SAMPLING_RATE,
  sourceName,
  text,
} from "./importer";

/** Reads a folder of `.npy` files or an `.npz` file, with arrays named as in a session file. */
export const arrays = defineImporter({
  name: "arrays",
  description: "a folder of .npy files or an .npz file, with the names of a session file (stim, robs, ...)",
  options: {
    sampling_rate: SAMPLING_RATE,
    pixels_per_degree: PIXELS_PER_DEGREE,
    type: {
      schema: text.default("stimulus"),
      value: "name",
      help: "the stimulus type of arrays outside of any folder (default: stimulus)",
    },
  },
  accepts: (path) => path.endsWith(".npz") || isFolder(path),
  read(path, { sampling_rate: samplingRate, pixels_per_degree: pixelsPerDegree = 1, type }) {
    if (samplingRate)
      return sessionOfArrays(path, { name: sourceName(path), samplingRate, pixelsPerDegree, type });
    const message = "missing: arrays do not state their number of frames per second";
    throw new ConfigError(path, [{ path: "--sampling_rate", message }]);
  },
});

/** Information that numpy arrays do not contain. */
export interface ArraysOptions {
  name: string;
  samplingRate: number;
  /** Default 1. */
  pixelsPerDegree?: number;
  /** The stimulus type of arrays outside a folder. Default `stimulus`. */
  type?: string;
}

/** The largest file that is read, in bytes: HDF5's library cannot write an array of more in one piece. */
const LARGEST = 2 ** 31 - 1;

/** Reads arrays by name, `stim` or `backimage/stim`, from a folder of `.npy` files or an `.npz` file. @throws ConfigError */
export function readArrays(path: string): Map<string, NumpyArray> {
  if (!existsSync(path))
    throw new ConfigError(path, [{ path: "", message: "no such file or folder; check the path" }]);
  const files = statSync(path).isDirectory()
    ? (readdirSync(path, { recursive: true, encoding: "utf8" }) as string[])
        .filter((file) => file.endsWith(".npy"))
        .map((file) => [file, read(join(path, file))] as const)
    : Object.entries(unzipped(path));
  if (files.length === 0) throw new ConfigError(path, [{ path: "", message: "holds no .npy array" }]);
  const arrays = new Map<string, NumpyArray>();
  for (const [file, bytes] of files) {
    const name = file.replaceAll("\\", "/").replace(/\.npy$/, "");
    if (arrays.has(name))
      throw new ConfigError(path, [{ path: name, message: "occurs twice; give each array a unique name" }]);
    arrays.set(name, parseNpy(bytes, path, name));
  }
  return arrays;
}

const read = (file: string) =>
  readWhole(file, LARGEST, "write the session file in pieces by h5py (docs/session-format.md)");

function unzipped(path: string): Record<string, Uint8Array> {
  const bytes = read(path);
  try {
    return unzipSync(bytes);
  } catch (cause) {
    const message = "is not an .npz file, or is cut off; write it with numpy.savez";
    throw new ConfigError(path, [{ path: "", message }], { cause });
  }
}

/**
 * Makes a session from numpy arrays, which are named as in a session file. `stim`, `robs` and `trial_inds` are required.
 *
 * @returns the session, and descriptions of the defaults used for missing data
 * @throws ConfigError that names the array
 */
export function sessionOfArrays(
  path: string,
  { name, samplingRate, pixelsPerDegree = 1, type = "stimulus" }: ArraysOptions,
): Imported & { session: Session } {
  const arrays = readArrays(path);
  const assumed: string[] = [];
  const types = new Set(
    [...arrays.keys()].filter((key) => key.endsWith("stim")).map((key) => key.slice(0, -4)),
  );
  if (types.size === 0) throw new ConfigError(path, [{ path: "stim", message: `is missing; found ${[...arrays.keys()].join(", ")}` }]); // biome-ignore format: one line
  const recordings = [...types].map((prefix) => {
    const own = new Map([...arrays].flatMap(([key, array]) => {
      const rest = key.slice(prefix.length);
      return key.startsWith(prefix) && !rest.includes("/") && rest !== "cids" ? [[rest, array] as const] : [];
    })); // biome-ignore format: one map
    return [
      prefix ? prefix.slice(0, -1) : type,
      recordingOf(path, prefix, own, samplingRate, assumed),
    ] as const;
  });
  const { robs, frames } = recordings[0]![1];
  const given = arrays.get("cids")?.values;
  const units = robs.length / frames;
  const cids = unitIds(path, given ?? Array.from({ length: units }, (_, i) => i + 1));
  if (cids.length !== units)
    throw new ConfigError(path, [
      { path: "cids", message: `has ${cids.length} ids, but robs has ${units} columns, one for each unit` },
    ]);
  if (!given) assumed.push(`cids: 1 to ${cids.length}`);
  return {
    session: { name, samplingRate, pixelsPerDegree, cids, recordings: Object.fromEntries(recordings) },
    assumed,
  };
}

function recordingOf(
  path: string,
  prefix: string,
  arrays: ReadonlyMap<string, NumpyArray>,
  samplingRate: number,
  assumed: string[],
): Recording {
  const fail = (name: string, message: string) => new ConfigError(path, [{ path: prefix + name, message }]);
  const required = (name: string) => {
    const found = arrays.get(name);
    if (!found) throw fail(name, `is missing; found ${[...arrays.keys()].join(", ")}`);
    return found;
  };
  const stim = required("stim");
  const [frames, height, width] = stim.shape as [number, number, number];
  if (stim.shape.length !== 3 || !(stim.values instanceof Uint8Array))
    throw fail("stim", `must be uint8 [frames, height, width], but has shape [${stim.shape}] and ${stim.values.constructor.name.replace("Array", "").toLowerCase()} values`); // biome-ignore format: one line
  const rows = (name: string, rest: number[], otherwise?: { says: string; values: number[] }) => {
    const found = otherwise ? arrays.get(name) : required(name);
    if (!found) {
      assumed.push(`${prefix}${name}: ${otherwise!.says}`);
      return otherwise!.values;
    }
    if (String(found.shape) === String([frames, ...rest])) return found.values;
    throw fail(
      name,
      `has shape [${found.shape}], but stim has ${frames} frames, so it must be [${[frames, ...rest]}]`,
    );
  };
  const of = (value: (t: number) => number, count = frames) =>
    Array.from({ length: count }, (_, t) => value(t));
  const units = required("robs").shape[1] ?? 1;
  const others = [...arrays].filter(([name, { shape }]) => !KNOWN.includes(name) && shape[0] === frames);
  return {
    frames,
    height,
    width,
    stim: stim.values,
    robs: Float32Array.from(rows("robs", [units])),
    trialInds: Int32Array.from(rows("trial_inds", [])),
    eyepos: Float32Array.from(
      rows("eyepos", [2], { says: "0, the centre", values: of(() => 0, 2 * frames) }),
    ),
    tBins: Float64Array.from(rows("t_bins", [], { says: `frames at ${samplingRate} per second`, values: of((t) => (t + 0.5) / samplingRate) })), // biome-ignore format: one line
    dpiValid: Float32Array.from(rows("dpi_valid", [], { says: "1, always valid", values: of(() => 1) })),
    others: Object.fromEntries(
      others.map(([name, { shape, values }]) => {
        const whole = values instanceof Uint8Array || values instanceof Int32Array;
        return [name, { shape, values: Float32Array.from(values), whole }];
      }),
    ),
  };
}
