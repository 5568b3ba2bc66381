import { DistributedSampler } from "../data/samplers/distributed";
import { tf } from "../engine";
import type { Batch, BatchRequest, BatchSource } from "../protocols/module";
import { type PartSize, splitRows } from "./split-rows";
import { type Arrays, gathered, requireSameEntries, type Tables, tablesOf } from "./tables";

/** The options of `arrayBatches`. */
export interface ArrayBatchesOptions {
  /** A share of the samples (below 1), a number of samples, or separate arrays. Default 0: no validation. */
  validation?: PartSize | Arrays;
  /** Test samples, given as for `validation`. `trainer.test` uses them. Default 0. */
  test?: PartSize | Arrays;
  /** The seed of the split. The order of training follows the trainer's seed. Default 0. */
  seed?: number;
  /**
   * True draws the parts at random and reorders the training samples in each pass. False keeps the samples in order,
   * for time series: the last samples are the test part, the samples before them the validation part. Default true.
   */
  shuffle?: boolean;
  /** Whether to leave out a last training batch that is not full. Default false. */
  dropLast?: boolean;
}

/** The batches of arrays, for each part. */
export interface ArrayBatches extends BatchSource {
  trainBatchCount(batchSize: number, worldSize?: number): number;
  /** The number of samples in each part. */
  readonly count: Readonly<Record<PartName, number>>;
  /** Returns the samples of a part in order, as tensors. The caller disposes them. */
  part(name: PartName): Record<string, tf.Tensor>;
  /** Disposes the tensors that were made from arrays. The owner of tensors that were passed in disposes those. */
  dispose(): void;
}

/** The parts into which samples are split. */
export type PartName = "train" | "validation" | "test";

/** Samples, stored as row numbers into tables. */
interface Part {
  readonly tables: Tables;
  readonly rows: Int32Array;
}

/**
 * Makes batches from arrays, typed arrays or tensors, split into samples for training, validation and test. A batch has
 * the same entries as the arrays: `{ x: [B, ...], y: [B, ...] }`. Float arrays stay float32, typed integer and byte
 * arrays become int32, and plain arrays get the type that `tf.tensor` gives them: float32. The numbers are copied to
 * the device once. Every sample is used: the last batch of a pass may be short.
 *
 * @param arrays arrays of the same length along their first axis; a flat typed array has one number for each sample
 * @throws ConfigError when lengths differ or the parts leave no training samples
 * @example
 * const data = arrayBatches({ x: rows, y: Int32Array.from(labels) }, { validation: 0.2, test: 0.1 });
 * const run = await trainer.fit(module, data);
 * const { test_accuracy } = await trainer.test(module, data);
 */
export function arrayBatches(
  arrays: Arrays,
  { validation = 0, test = 0, seed = 0, shuffle = true, dropLast = false }: ArrayBatchesOptions = {},
): ArrayBatches {
  const made: tf.Tensor[] = [];
  const tables = tablesOf(arrays, "", made);
  const [first] = Object.values(tables);
  const shareOf = (part: PartSize | Arrays) => (typeof part === "number" ? part : 0);
  const sizes = { validation: shareOf(validation), test: shareOf(test) };
  const rows = splitRows(first!.shape[0]!, sizes, { seed, shuffle });
  const heldOut = (name: "validation" | "test", given: PartSize | Arrays): Part => {
    if (typeof given === "number") return { tables, rows: rows[name] };
    const own = tablesOf(given, `${name}.`, made);
    requireSameEntries(own, tables, name);
    return { tables: own, rows: Int32Array.from({ length: Object.values(own)[0]!.shape[0]! }, (_, i) => i) };
  };
  const parts: Record<PartName, Part> = {
    train: { tables, rows: rows.train },
    validation: heldOut("validation", validation),
    test: heldOut("test", test),
  };
  const count = {
    train: rows.train.length,
    validation: parts.validation.rows.length,
    test: parts.test.rows.length,
  };
  return {
    count,
    trainBatchCount(batchSize, worldSize = 1) {
      const batches = Math.floor(count.train / worldSize) / batchSize;
      return dropLast ? Math.floor(batches) : Math.ceil(batches);
    },
    trainBatches: (request) => shuffled(parts.train, request, { shuffle, dropLast }),
    ...(count.validation > 0
      ? { validationBatches: (request: BatchRequest) => inOrder(parts.validation, request) }
      : {}),
    ...(count.test > 0 ? { testBatches: (request: BatchRequest) => inOrder(parts.test, request) } : {}),
    validationBatchCount: (batchSize) => Math.ceil(count.validation / batchSize),
    part: (name) => gathered(parts[name].tables, parts[name].rows),
    dispose: () => tf.dispose(made),
  };
}

/** Yields the training batches of a process in the order of a pass. */
function* shuffled(
  { tables, rows }: Part,
  { batchSize, seed, pass, from = 0, rank = 0, worldSize = 1 }: BatchRequest,
  { shuffle, dropLast }: { shuffle: boolean; dropLast: boolean },
) {
  const sampler = new DistributedSampler(rows.length, { seed, shuffle, rank, worldSize, dropLast: true });
  sampler.setEpoch(pass);
  const end = dropLast ? sampler.length - batchSize : sampler.length - 1;
  for (let at = from * batchSize; at <= end; at += batchSize) {
    const own = sampler.indices(at, at + batchSize).map((i) => rows[i]!);
    yield* lent(tables, own);
  }
}

function* inOrder({ tables, rows }: Part, { batchSize, rank = 0, worldSize = 1 }: BatchRequest) {
  const own = rows.filter((_, i) => i % worldSize === rank);
  for (let at = 0; at < own.length; at += batchSize) yield* lent(tables, own.subarray(at, at + batchSize));
}

/** Yields one batch at a time and disposes it when the next one is requested. */
function* lent(tables: Tables, rows: Int32Array): Iterable<Batch> {
  const batch = gathered(tables, rows);
  try {
    yield batch;
  } finally {
    tf.dispose(batch);
  }
}
