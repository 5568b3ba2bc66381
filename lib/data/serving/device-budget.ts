import { z } from "zod";
import { ConfigError } from "../../base/config";
import { bytesInWords } from "../../engine/bytes";
import { ResidentMemory } from "../../engine/memory";
import type { ResponseValues } from "../session";
import { inSharedMemory } from "../shared-memory";

const UNITS: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
};

/** The schema of a number of bytes, also as text with a unit. */
export const bytesOption = z.unknown().transform((given, context) => {
  const [, number, unit = "B"] =
    typeof given === "string" ? (given.match(/^([\d.]+(?:e\d+)?) ?([kKMGT]?i?B)?$/) ?? []) : [];
  const bytes = typeof given === "number" ? given : Number(number) * (UNITS[unit] ?? Number.NaN);
  if (bytes >= 0 && bytes < Infinity) return bytes;
  context.addIssue({ code: "custom", message: 'must be bytes, 0 or more, or text such as "8 GiB"' });
  return z.NEVER;
});

/** Limits of the memory for movies and responses, in bytes. */
export interface MovieLimits {
  /** The limit on the device: movies are placed first, then responses. Default: none, or 0 if there is a cache. */
  readonly deviceBudget?: number | undefined;
  /** The size of the cache of movies that stay in their files. Default: movies that are not on the device are in host memory. */
  readonly movieCache?: number | undefined;
}

/** The size of the largest part that JavaScript accesses as one array of TensorFlow's memory. */
const LARGEST = 2 ** 32 - 1;

/** Returns the limit on the device in bytes. */
const budgetOf = ({ deviceBudget, movieCache }: MovieLimits) =>
  deviceBudget ?? (movieCache === undefined ? Number.POSITIVE_INFINITY : 0);

/** Decides which movies are stored on the device. The largest that fit are placed first, so that most frames are on the device. */
export function onDevice(bytes: readonly number[], limits: MovieLimits = {}): boolean[] {
  const order = bytes.map((_, i) => i).sort((a, b) => bytes[b]! - bytes[a]! || a - b);
  const placed = bytes.map(() => false);
  let left = budgetOf(limits);
  for (const i of order) {
    if (bytes[i]! > left || bytes[i]! > LARGEST) continue;
    placed[i] = true;
    left -= bytes[i]!;
  }
  return placed;
}

/**
 * Decides which sessions' responses are stored on the device, with the memory that the movies there leave. Movies come first, because a
 * sample reads a frame for each lag, but responses once.
 *
 * @param bytes the bytes of each session's responses @param movies the bytes of the movies on the device
 */
export const responsesOnDevice = (bytes: readonly number[], movies: number, limits: MovieLimits): boolean[] =>
  onDevice(bytes, { deviceBudget: budgetOf(limits) - movies });

/**
 * Allocates memory for movies: TensorFlow's memory for those on the device, else memory shared with a thread. Movies that stay in their
 * files, which the cache is for, get none.
 *
 * @throws ConfigError for a movie that is larger than an array may be
 */
export function allocateMovies(bytes: readonly number[], limits: MovieLimits): (Uint8Array | undefined)[] {
  const placed = onDevice(bytes, limits);
  const device = [...new ResidentMemory(bytes.filter((_, i) => placed[i])).parts];
  return bytes.map((size, i) => {
    if (placed[i]) return device.shift()!;
    return limits.movieCache === undefined ? hostMemory(size) : undefined;
  });
}

/**
 * Returns a function that moves the responses of a session, once they are read, to the memory that batches are gathered from, so that the
 * responses of only one session are in memory twice. Without a limit this is TensorFlow's memory, which holds responses that are bytes;
 * others stay where they are. With a limit it is memory shared with a thread.
 *
 * @param counts the number of values of each session
 */
export function responsePlaces(
  counts: readonly number[],
  limits: MovieLimits,
): (responses: ResponseValues, session: number) => ResponseValues {
  if (budgetOf(limits) < Number.POSITIVE_INFINITY) return inSharedMemory;
  const memory = counts.every((count) => count <= LARGEST) ? new ResidentMemory(counts).parts : [];
  return (responses, session) => {
    const place = memory[session];
    if (!(responses instanceof Uint8Array) || place?.length !== responses.length) return responses;
    place.set(responses);
    return place;
  };
}

function hostMemory(size: number): Uint8Array {
  try {
    return new Uint8Array(new SharedArrayBuffer(size));
  } catch (cause) {
    const message = `a movie of ${bytesInWords(size)} does not fit into memory as one array; give movieCache (--movie_cache), such as "2 GiB", which leaves movies in their files`;
    throw new ConfigError("MultiDatasetDM", [{ path: "movieCache", message }], { cause });
  }
}
