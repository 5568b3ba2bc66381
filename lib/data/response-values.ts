import { joined } from "./ops";
import type { ResponseValues } from "./session";
import { allocated, type Place, type SourceArray, sizeOf } from "./source-array";

/** The types of responses, from the smallest. */
const TYPES = [Uint8Array, Uint16Array, Float32Array] as const;
const LARGEST = [0xff, 0xffff] as const;

/**
 * Reads responses in the smallest type that holds all of them exactly; fractions, negative numbers and large counts
 * are float32. Values in memory that have this type are returned unchanged.
 *
 * @throws ConfigError when they do not fit into memory
 */
export function readResponses(source: SourceArray, place: Place): ResponseValues {
  const size = sizeOf(source);
  const ofType = (type: number): ResponseValues =>
    allocated<ResponseValues>(TYPES[type]! as typeof Float32Array, size, place);
  let values: ResponseValues | undefined;
  let at = 0;
  for (const slice of source.slices()) {
    const type = typeNeeded(slice);
    const needed = TYPES[type]!;
    if (slice === source.values && slice instanceof needed) return slice;
    values ??= ofType(type);
    if (needed.BYTES_PER_ELEMENT > values.BYTES_PER_ELEMENT) {
      const wider = ofType(type);
      wider.set(values.subarray(0, at));
      values = wider;
    }
    values.set(slice, at);
    at += slice.length;
  }
  return values ?? new Uint8Array(0);
}

/** Copies responses into the smallest type that holds all of them exactly. */
export function compactResponses(values: ArrayLike<number>): ResponseValues {
  return TYPES[typeNeeded(values)]!.from(values);
}

/** Returns the position in `TYPES` of the smallest type that holds all values. */
function typeNeeded(values: ArrayLike<number>): number {
  if (values instanceof Uint8Array) return 0;
  let type = 0;
  for (let i = 0; i < values.length && type < LARGEST.length; i++) {
    const value = values[i]!;
    while (type < LARGEST.length && value !== (value & LARGEST[type]!)) type++;
  }
  return type;
}

/** Concatenates responses, in the largest of their types. A single array is returned unchanged. */
export function joinResponses(parts: readonly ResponseValues[]): ResponseValues {
  const type = Math.max(...parts.map((part) => TYPES.findIndex((each) => part instanceof each)));
  return joined<ResponseValues>(TYPES[type]!, parts);
}
