import { tf } from "../../engine";
import {
  gatherRows,
  inResidentMemory,
  type ResidentDtype,
  type ResidentTensor,
  residentTensor,
} from "../../engine/resident";
import type { ResponseValues } from "../session";
import { inSharedMemory, sharedValues } from "../shared-memory";
import type { HostTable } from "./host-thread";

/** The values of one session, `[rows, columns]`. */
export interface RaggedPart {
  readonly values: ResponseValues;
  readonly columns: number;
}

/** Sessions whose values have one type and lie one after another in memory, in blocks that each session's rows consist of. */
interface Block {
  /** The numbers of the sessions, and their values. */
  readonly sessions: readonly number[];
  readonly parts: readonly ResponseValues[];
  readonly values: ResidentTensor;
  readonly dtype: ResidentDtype;
  /** The number of values of a block. */
  readonly length: number;
  /** The number of blocks in a row of each session, int32; 0 for sessions whose values lie elsewhere. */
  readonly perRow: tf.Tensor1D;
  /** The first block of each session, int32. */
  readonly first: tf.Tensor1D;
  /** The largest number of blocks in a row. */
  readonly most: number;
}

/** Indices of blocks are int32. */
const MOST_BLOCKS = 2 ** 31 - 1;

/**
 * Rows of sessions with different numbers of columns. The values stay on the device in their own types, and each session's rows take only
 * the memory of its own columns. All tables whose values fill one `ResidentMemory` are used without a copy. The rows of sessions that are
 * not on the device are given with each batch.
 */
export class RaggedTable {
  /** The largest number of columns of a session. */
  readonly columns: number;
  private readonly blocks: readonly Block[];
  /** The values of the sessions that are not on the device. */
  private readonly host: readonly (RaggedPart | undefined)[];

  /** @param placed whether the values of each session are on the device; the others are in shared memory. Default: all are. */
  constructor(
    parts: readonly RaggedPart[],
    private readonly placed: readonly boolean[] = parts.map(() => true),
  ) {
    this.columns = Math.max(...parts.map(({ columns }) => columns));
    this.blocks = grouped(parts, placed).map((sessions) => blockOf(parts, sessions));
    this.host = parts.map((part, i) =>
      placed[i] ? undefined : { ...part, values: inSharedMemory(part.values) },
    );
  }

  /** Returns the values of a session in the memory that the table uses. */
  values(session: number): ResponseValues {
    const block = this.blocks.find(({ sessions }) => sessions.includes(session));
    return block ? block.parts[block.sessions.indexOf(session)]! : this.host[session]!.values;
  }

  /** Returns the table of the sessions that are not on the device, for a thread that reads its rows; undefined when all are there. */
  inHost(lags: readonly number[]): HostTable | undefined {
    if (!this.placed.includes(false)) return undefined;
    const sessions = this.host.map((part) => part && { ...part, values: sharedValues(part.values) });
    return { sessions, width: this.columns, lags };
  }

  /**
   * Returns rows as float32. Traced.
   *
   * @param session the session of each row, int32; negative for rows of zeros
   * @param row the row within its session, int32, of the same shape
   * @param given the rows of sessions that are not on the device, float32, and 0 for all others
   * @returns `[...session.shape, columns]`; 0 in columns that the session does not have. No gradient.
   */
  rows(session: tf.Tensor, row: tf.Tensor, given?: tf.Tensor): tf.Tensor {
    const zero = tf.scalar(0, "int32");
    const isReal = tf.greaterEqual(session, zero);
    const known = tf.maximum(session, zero);
    const parts = this.blocks.map(({ values, dtype, length, perRow, first, most }) => {
      const count = tf.where(isReal, tf.gather(perRow, known), tf.zerosLike(known));
      const start = tf.add(tf.gather(first, known), tf.mul(row, tf.gather(perRow, known)));
      const places = tf.range(0, most, 1, "int32");
      const isOwn = tf.less(places, tf.expandDims(count, -1));
      const all = tf.add(tf.expandDims(start, -1), places);
      const blocks = gatherRows(values, tf.where(isOwn, all, tf.zerosLike(all)), dtype);
      const own = tf.mul(blocks, tf.cast(tf.expandDims(isOwn, -1), "float32"));
      const width = most * length;
      const missing = this.columns - width;
      const flat = tf.reshape(own, [...session.shape, width]);
      return missing > 0
        ? tf.pad(flat, [...session.shape.map(() => [0, 0] as [number, number]), [0, missing]])
        : flat;
    });
    const shape = [...session.shape, this.columns];
    return [...parts, ...(given ? [tf.reshape(given, shape)] : [])].reduce((sum, part) => tf.add(sum, part));
  }

  dispose(): void {
    for (const { values, perRow, first } of this.blocks) tf.dispose([values, perRow, first]);
  }
}

/** Groups sessions on the device whose values have one type, and whose blocks can be counted by int32. */
function grouped(parts: readonly RaggedPart[], placed: readonly boolean[]): number[][] {
  const groups: number[][] = [];
  for (const [i, { values }] of parts.entries()) {
    if (!placed[i]) continue;
    const isAlike = (group: readonly number[]) =>
      parts[group[0]!]!.values.constructor === values.constructor &&
      blocksOf(parts, [...group, i]) <= MOST_BLOCKS;
    const found = groups.find(isAlike);
    if (found) found.push(i);
    else groups.push([i]);
  }
  return groups;
}

/** Returns the length of the longest blocks that the rows of all these sessions consist of. */
const blockLength = (parts: readonly RaggedPart[], sessions: readonly number[]) =>
  sessions.map((i) => parts[i]!.columns).reduce(greatestCommonDivisor);

const greatestCommonDivisor = (a: number, b: number): number =>
  b === 0 ? a : greatestCommonDivisor(b, a % b);

const blocksOf = (parts: readonly RaggedPart[], sessions: readonly number[]) =>
  sessions.reduce((sum, i) => sum + parts[i]!.values.length, 0) / blockLength(parts, sessions);

function blockOf(parts: readonly RaggedPart[], sessions: readonly number[]): Block {
  const length = blockLength(parts, sessions);
  const [perRow, first] = [new Int32Array(parts.length), new Int32Array(parts.length)];
  let at = 0;
  for (const i of sessions) {
    perRow[i] = parts[i]!.columns / length;
    first[i] = at;
    at += parts[i]!.values.length / length;
  }
  const values = inResidentMemory(sessions.map((i) => parts[i]!.values));
  const dtype = DTYPES[values[0]!.constructor.name]!;
  return {
    sessions,
    parts: values,
    values: residentTensor(values, [at, length], dtype),
    dtype,
    length,
    perRow: tf.tensor1d(perRow, "int32"),
    first: tf.tensor1d(first, "int32"),
    most: Math.max(...perRow),
  };
}

const DTYPES: Readonly<Record<string, ResidentDtype>> = {
  Uint8Array: "uint8",
  Uint16Array: "uint16",
  Float32Array: "float32",
};
