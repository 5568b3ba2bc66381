import type { RendezvousClient } from "../../distributed/rendezvous-client";
import { compile, tf, valuesOf } from "../../engine";

type Numbers = Float32Array | Int32Array;

/** Returns the numbers of each process, for the same count in all processes. */
async function gatherRows<T extends Numbers>(client: RendezvousClient, own: T): Promise<T[]> {
  const { worldSize } = client;
  if (own.length === 0) return Array.from({ length: worldSize }, () => own);
  const sum = compile((rows: tf.Tensor1D) => client.collectives.sum(rows, ROWS));
  const rows = tensorOf(rowsOf(client, own));
  const all = await sum(rows);
  const values = all.dataSync() as T;
  tf.dispose([rows, all]);
  sum.dispose();
  return split(values, own.length);
}

/** Returns the numbers of each process, for the same count in all processes, without leaving the current turn of the event loop. */
function gatherRowsNow<T extends Numbers>(client: RendezvousClient, own: T): T[] {
  return split(sumNow(client, rowsOf(client, own), ROWS), own.length);
}

/** Returns the sum over the processes without leaving the current turn of the event loop. */
export function sumNow<T extends Numbers>({ collectives }: RendezvousClient, own: T, key: string): T {
  return valuesOf<T>(() => collectives.sum(tensorOf(own), key));
}

/** The key of the sums of rows. */
const ROWS = "rows of ranks";

const tensorOf = (values: Numbers) => tf.tensor1d(values, values instanceof Int32Array ? "int32" : "float32");

/** Returns a row for each process: the numbers of this one, and zeros for the others. */
function rowsOf<T extends Numbers>({ rank, worldSize }: RendezvousClient, own: T): T {
  const rows = zeros(own, worldSize * own.length);
  rows.set(own, rank * own.length);
  return rows;
}

/** Returns zeros of the type of some numbers. */
const zeros = <T extends Numbers>(like: T, length: number) =>
  new (like.constructor as new (length: number) => T)(length);

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
  const all = new Float32Array(3 * own.length);
  for (const [i, value] of own.entries()) all.set(thirds(value), 3 * i);
  const parts = await gather(client, all);
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
  const row = zeros(own, length);
  row.set(own);
  return row;
}
