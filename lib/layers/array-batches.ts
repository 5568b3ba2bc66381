import { ConfigError } from "../base/config";
import { DistributedSampler } from "../data/samplers/distributed";
import { tf } from "../engine";
import type { ArrayValues, Batch, BatchRequest, BatchSource } from "../protocols/module";
import { tensorOf } from "../trainer/step/to-tensors";

/** The size of a part: a share of all samples (0 to below 1), or a number of samples (1 or more). */
export type PartSize = number;

/** The rows of each part. Each row belongs to exactly one part. */
export interface SplitRows {
  readonly train: Int32Array;
  readonly validation: Int32Array;
  readonly test: Int32Array;
}

/**
 * Splits samples into train, validation and test parts, at random or in order.
 *
 * @throws ConfigError when a size is neither a share nor a number of samples, or no training samples remain
 */
function splitRows(
  count: number,
  sizes: { validation: PartSize; test: PartSize },
  { seed, shuffle }: { seed: number; shuffle: boolean },
): SplitRows {
  const problem = (path: string, message: string) => new ConfigError("arrayBatches", [{ path, message }]);
  const samplesOf = (name: "validation" | "test") => {
    const size = sizes[name];
    if (!(size >= 0) || (size >= 1 && !Number.isInteger(size)))
      throw problem(name, `${size} is neither a share from 0 to below 1 nor a whole number of samples`);
    // A share above 0 selects at least one sample.
    return size >= 1 || size === 0 ? size : Math.max(1, Math.round(size * count));
  };
  const [validation, test] = [samplesOf("validation"), samplesOf("test")];
  const train = count - validation - test;
  if (train < 1) {
    const path = validation >= test ? "validation" : "test";
    const taken = `${validation} samples to validate and ${test} to test leave none of ${count} to train on`;
    throw problem(path, `${taken}; make them smaller`);
  }
  const order = new DistributedSampler(count, { seed, shuffle }).indices();
  return {
    train: order.slice(0, train),
    validation: order.slice(train, train + validation),
    test: order.slice(train + validation),
  };
}

/** Arrays by name. The first axis of each array counts the samples. */
export type Arrays = Readonly<Record<string, ArrayValues | tf.Tensor>>;

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
  readonly tables: Readonly<Record<string, tf.Tensor>>;
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
  const size = (part: PartSize | Arrays) => (typeof part === "number" ? part : 0);
  const sizes = { validation: size(validation), test: size(test) };
  const rows = splitRows(first!.shape[0]!, sizes, { seed, shuffle });
  const partOf = (name: "validation" | "test", given: PartSize | Arrays): Part => {
    if (typeof given === "number") return { tables, rows: rows[name] };
    const own = tablesOf(given, `${name}.`, made);
    requireSameEntries(own, tables, name);
    return { tables: own, rows: Int32Array.from({ length: Object.values(own)[0]!.shape[0]! }, (_, i) => i) };
  };
  const parts: Record<PartName, Part> = {
    train: { tables, rows: rows.train },
    validation: partOf("validation", validation),
    test: partOf("test", test),
  };
  const served = (name: "validation" | "test") =>
    parts[name].rows.length > 0 ? (request: BatchRequest) => inOrder(parts[name], request) : undefined;
  const [validationBatches, testBatches] = [served("validation"), served("test")];
  const count = parts.train.rows.length;
  return {
    count: { train: count, validation: parts.validation.rows.length, test: parts.test.rows.length },
    trainBatchCount(batchSize, worldSize = 1) {
      const batches = Math.floor(count / worldSize) / batchSize;
      return dropLast ? Math.floor(batches) : Math.ceil(batches);
    },
    *trainBatches({ batchSize, seed: order, pass, from = 0, rank = 0, worldSize = 1 }) {
      const sampler = new DistributedSampler(count, {
        seed: order,
        shuffle,
        rank,
        worldSize,
        dropLast: true,
      });
      sampler.setEpoch(pass);
      const end = dropLast ? sampler.length - batchSize : sampler.length - 1;
      for (let at = from * batchSize; at <= end; at += batchSize) {
        const own = sampler.indices(at, at + batchSize).map((i) => rows.train[i]!);
        yield* lent(parts.train.tables, own);
      }
    },
    ...(validationBatches ? { validationBatches } : {}),
    ...(testBatches ? { testBatches } : {}),
    validationBatchCount: (batchSize) => Math.ceil(parts.validation.rows.length / batchSize),
    part: (name) => gathered(parts[name].tables, parts[name].rows),
    dispose: () => tf.dispose(made),
  };
}

function* inOrder({ tables, rows }: Part, { batchSize, rank = 0, worldSize = 1 }: BatchRequest) {
  const own = rows.filter((_, i) => i % worldSize === rank);
  for (let at = 0; at < own.length; at += batchSize) yield* lent(tables, own.subarray(at, at + batchSize));
}

/** Yields one batch at a time and disposes it when the next one is requested. */
function* lent(tables: Part["tables"], rows: Int32Array): Iterable<Batch> {
  const batch = gathered(tables, rows);
  try {
    yield batch;
  } finally {
    tf.dispose(batch);
  }
}

function gathered(tables: Part["tables"], rows: Int32Array): Record<string, tf.Tensor> {
  return tf.tidy(() => {
    const index = tf.tensor1d(rows, "int32");
    const entries = Object.entries(tables).map(([name, table]) => [name, tf.gather(table, index)] as const);
    return Object.fromEntries(entries);
  });
}

/** Converts arrays into tensors of one length. @param made receives the tensors that this call creates */
function tablesOf(arrays: Arrays, where: string, made: tf.Tensor[]): Record<string, tf.Tensor> {
  const tables = Object.entries(arrays).map(([name, values]) => {
    if (values instanceof tf.Tensor) return [name, values] as const;
    const tensor = tensorOf(values, `${where}${name}`);
    made.push(tensor);
    return [name, tensor] as const;
  });
  const problem = (path: string, message: string) =>
    new ConfigError("arrayBatches", [{ path: `${where}${path}`, message }]);
  const [first] = tables;
  if (!first) throw problem("", "no arrays were given; give some, such as { x, y }");
  for (const [name, { shape }] of tables) {
    if (shape.length === 0 || shape[0] === 0)
      throw problem(name, "has no samples; its first axis counts them");
    if (shape[0] !== first[1].shape[0])
      throw problem(
        name,
        `has ${shape[0]} rows and ${where}${first[0]} has ${first[1].shape[0]}; every array has a row for each sample ` +
          "(several numbers of a sample are a nested array, or a tensor: tf.tensor2d(values, [samples, numbers]))",
      );
  }
  return Object.fromEntries(tables);
}

function requireSameEntries(own: Part["tables"], train: Part["tables"], name: string): void {
  const described = (tables: Part["tables"]) =>
    Object.entries(tables).map(([entry, { shape, dtype }]) => `${entry} ${dtype} [N, ${shape.slice(1)}]`);
  const [found, wanted] = [described(own), described(train)].map((all) => all.sort().join("; "));
  if (found === wanted) return;
  const message = `has other entries than the training samples: ${found}; needed: ${wanted}`;
  throw new ConfigError("arrayBatches", [{ path: name, message }]);
}
