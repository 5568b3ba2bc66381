import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { unzipSync } from "fflate";
import { ConfigError } from "../../base/config";
import { isFolder } from "../../base/files/folder";
import { readWhole } from "../../base/files/slices";
import { type NumpyArray, parseNpy } from "../../base/numpy/npy";
import { unitIds } from "../check-recording";
import type { ResponseKind } from "../responses";
import type { Session } from "../session";
import { rowsOf } from "../source-array";
import { recordingOfArrays } from "./array-recording";
import {
  defineImporter,
  type Imported,
  PIXELS_PER_DEGREE,
  positiveNumber,
  RESPONSE_KIND,
  SAMPLING_RATE,
  sourceName,
  text,
} from "./importer";

/** The default length of trials in seconds, for arrays without trials. */
const BLOCK = 10;

/** Reads a folder of `.npy` files or an `.npz` file, with arrays named as in a session file. */
export const arrays = defineImporter({
  name: "arrays",
  description: "a folder of .npy files or an .npz file, with the names of a session file (stim, robs, ...)",
  options: {
    sampling_rate: SAMPLING_RATE,
    pixels_per_degree: PIXELS_PER_DEGREE,
    kind: RESPONSE_KIND,
    type: {
      schema: text.default("stimulus"),
      value: "name",
      help: "the stimulus type of arrays outside of any folder (default: stimulus)",
    },
    block: {
      schema: positiveNumber.default(BLOCK),
      value: "seconds",
      help: "without trials, cut the recording into blocks of this length (default: 10)",
    },
  },
  accepts: (path) => path.endsWith(".npz") || isFolder(path),
  read(
    path,
    { sampling_rate: samplingRate, pixels_per_degree: pixelsPerDegree = 1, kind: responses, type, block },
  ) {
    if (samplingRate)
      return sessionOfArrays(path, {
        name: sourceName(path),
        samplingRate,
        pixelsPerDegree,
        ...(responses ? { responses } : {}),
        type,
        block,
      });
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
  /** The kind of the responses. Default `counts`. */
  responses?: ResponseKind;
  /** The stimulus type of arrays outside a folder. Default `stimulus`. */
  type?: string;
  /** The length of trials in seconds, for arrays without `trial_inds`. Default 10. */
  block?: number;
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

/** The arrays that describe units, and are not covariates of a stimulus type. */
const OF_UNITS = ["cids", "unit_coordinates", "unit_groups"];

/**
 * Makes a session from numpy arrays, which are named as in a session file. `stim` and `robs` are required.
 *
 * @returns the session, and descriptions of the defaults used for missing data
 * @throws ConfigError that names the array
 */
export function sessionOfArrays(
  path: string,
  { name, samplingRate, pixelsPerDegree = 1, responses, type = "stimulus", block = BLOCK }: ArraysOptions,
): Imported & { session: Session } {
  const arrays = readArrays(path);
  const prefixes = [...arrays.keys()].filter((key) => /(^|\/)stim$/.test(key)).map((key) => key.slice(0, -4));
  if (prefixes.length === 0)
    throw new ConfigError(path, [
      { path: "stim", message: `is missing; found ${[...arrays.keys()].join(", ")}` },
    ]);
  const made = prefixes.map((prefix) => {
    const own = new Map(
      [...arrays].flatMap(([key, array]) => {
        const rest = key.slice(prefix.length);
        return key.startsWith(prefix) && !rest.includes("/") && !OF_UNITS.includes(key)
          ? [[rest, array] as const]
          : [];
      }),
    );
    return recordingOfArrays({ path, prefix, arrays: own, samplingRate, block });
  });
  const recordings = made.map(({ recording }, i) => [prefixes[i]!.slice(0, -1) || type, recording] as const);
  const { robs, frames } = made[0]!.recording;
  const { facts, assumed } = unitsOf(path, arrays, robs.length / frames);
  return {
    session: {
      name,
      samplingRate,
      pixelsPerDegree,
      ...facts,
      ...(responses ? { responses } : {}),
      recordings: Object.fromEntries(recordings),
    },
    taken: made.flatMap(({ taken }) => taken),
    assumed: [...made.flatMap((one) => one.assumed), ...assumed],
    leftOut: leftOutOf(arrays, prefixes),
  };
}

/** Returns the ids of the units, and their coordinates and groups if there are some. @throws ConfigError for other lengths */
function unitsOf(path: string, arrays: ReadonlyMap<string, NumpyArray>, units: number) {
  const given = arrays.get("cids")?.values;
  const cids = unitIds(path, given ?? Array.from({ length: units }, (_, i) => i + 1));
  if (cids.length !== units)
    throw new ConfigError(path, [
      { path: "cids", message: `has ${cids.length} ids, but robs has ${units} columns, one for each unit` },
    ]);
  const rows = (name: string) => {
    const found = arrays.get(name);
    if (!found || found.shape[0] === units) return found;
    const message = `has shape [${found.shape}], but robs has ${units} units: one row for each`;
    throw new ConfigError(path, [{ path: name, message }]);
  };
  const [places, groups] = [rows("unit_coordinates"), rows("unit_groups")];
  const facts: Pick<Session, "cids" | "coordinates" | "groups"> = {
    cids,
    ...(places ? { coordinates: rowsOf(places.values, units) } : {}),
    ...(groups ? { groups: Array.from(groups.values) } : {}),
  };
  return { facts, assumed: given ? [] : [`cids: 1 to ${cids.length}`] };
}

/** Lists the arrays in folders without `stim`. */
const leftOutOf = (arrays: ReadonlyMap<string, NumpyArray>, prefixes: readonly string[]) =>
  [...arrays.keys()]
    .filter((key) => !OF_UNITS.includes(key) && !prefixes.includes(key.slice(0, key.lastIndexOf("/") + 1)))
    .map((key) => `${key}: its folder has no stim`);
