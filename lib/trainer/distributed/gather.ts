import type { RendezvousClient } from "../../distributed/rendezvous-client";
import { compile, tf } from "../../engine";

type Numbers = Float32Array | Int32Array;

/** Returns the numbers of each process, for the same count in all processes. */
async function gatherRows<T extends Numbers>(client: RendezvousClient, own: T): Promise<T[]> {
  const { worldSize } = client;
  if (own.length === 0) return Array.from({ length: worldSize }, () => own);
  const gather = compile((mine: tf.Tensor1D) => rowsOf(client, mine));
  const mine = tensorOf(own);
  const all = await gather(mine);
  const values = all.dataSync() as T;
  tf.dispose([mine, all]);
  gather.dispose();
  return split(values, own.length);
}

/** Returns the numbers of each process, for the same count in all processes, without leaving the current turn of the event loop. */
function gatherRowsNow<T extends Numbers>(client: RendezvousClient, own: T): T[] {
  const values = tf.tidy(() => rowsOf(client, tensorOf(own)).dataSync() as T);
  return split(values, own.length);
}

const tensorOf = (values: Numbers) => tf.tensor1d(values, values instanceof Int32Array ? "int32" : "float32");

function rowsOf({ collectives, rank, worldSize }: RendezvousClient, mine: tf.Tensor1D): tf.Tensor1D {
  const rows = Array.from({ length: worldSize }, (_, r) => (r === rank ? mine : tf.zerosLike(mine)));
  return collectives.sum(tf.concat1d(rows), "rows of ranks");
}

const split = <T extends Numbers>(values: T, length: number): T[] =>
  Array.from(
    { length: values.length / length },
    (_, r) => values.subarray(r * length, (r + 1) * length) as T,
  );

/** Returns the numbers of each process. Processes may have different counts. */
export async function gather<T extends Numbers>(client: RendezvousClient, own: T): Promise<T[]> {
  const counts = await gatherRows(client, Int32Array.of(own.length));
  const rows = await gatherRows(client, padded(own, counts));
  return rows.map((values, r) => values.subarray(0, counts[r]![0]) as T);
}

/** Returns the numbers of each process in double precision. Float32 would round sums that a single process computes exactly. */
export async function gatherDoubles(client: RendezvousClient, own: Float64Array): Promise<Float64Array[]> {
  const parts = await gather(client, Float32Array.from([...own].flatMap(thirds)));
  return parts.map((part) =>
    Float64Array.from(
      { length: part.length / 3 },
      (_, i) => part[3 * i]! + part[3 * i + 1]! + part[3 * i + 2]!,
    ),
  );
}

/** Splits a double into three float32 numbers whose sum is exactly that double: 24 bits each, and a double has 53. */
function thirds(value: number): [number, number, number] {
  const high = Math.fround(value);
  if (!Number.isFinite(high)) return [high, 0, 0];
  const middle = Math.fround(value - high);
  return [high, middle, value - high - middle];
}

/** Returns the plain data of each process. */
export async function gatherData(client: RendezvousClient, own: unknown): Promise<unknown[]> {
  return (await gather(client, encoded(own))).map(decoded);
}

/** Returns the plain data of each process as `gatherData`, without leaving the current turn of the event loop. */
export function gatherDataNow(client: RendezvousClient, own: unknown): unknown[] {
  const mine = encoded(own);
  const counts = gatherRowsNow(client, Int32Array.of(mine.length));
  return gatherRowsNow(client, padded(mine, counts)).map(decoded);
}

/** Encodes plain data as int32 numbers: the number of bytes, and JSON. */
function encoded(data: unknown): Int32Array {
  const bytes = Buffer.from(JSON.stringify(data));
  const numbers = new Int32Array(1 + Math.ceil(bytes.length / 4));
  numbers[0] = bytes.length;
  new Uint8Array(numbers.buffer, 4).set(bytes);
  return numbers;
}

/** Decodes what `encoded` returns; numbers after it are ignored. */
function decoded(numbers: Int32Array): unknown {
  return JSON.parse(Buffer.from(numbers.buffer, numbers.byteOffset + 4, numbers[0]).toString());
}

/** Returns the numbers, followed by zeros up to the largest of the counts. */
function padded<T extends Numbers>(own: T, counts: readonly Int32Array[]): T {
  const length = Math.max(...counts.map(([count]) => count!));
  const row = new (own.constructor as new (length: number) => T)(length);
  row.set(own);
  return row;
}
