import { tf } from "../../lib/engine";
import { buildModel, readModelConfig } from "../../lib/model";
import type { Batch, BatchRequest, FactoryReference } from "../../lib/protocols/module";
import { BatchModule, type ReadyBatch, randomBatches } from "../../lib/twin/batch-module";

export interface EqualityOptions {
  /** The sessions of the samples of a batch, of which each of `sides` processes takes a stride. */
  readonly sessions: "mixed" | "one side only" | "one each batch";
  readonly sides: number;
  /** Whether the counts of one sample are infinite in every third batch. */
  readonly broken: boolean;
}

/** The number of samples of all processes, divisible by 2, 3 and 4. */
export const ALL = 12;
const INPUT = { lags: 11, height: 17, width: 17, units: [4, 3, 5], behaviors: 0 };

/** Trains a model with a recurrent layer on batches of noise, of which each process takes a stride. */
export class EqualityModule extends BatchModule {
  readonly recipe: FactoryReference;
  private readonly all: readonly ReadyBatch[];

  constructor(options: EqualityOptions) {
    const model = buildModel(readModelConfig("configs/models/convgru.yaml"), INPUT, 0);
    const all = randomBatches(INPUT, { batchSize: ALL, count: 3 }).map((batch, i) =>
      arranged(batch, i, options),
    );
    super(model, all);
    this.all = all;
    this.recipe = { module: __filename, name: "EqualityModule", options };
  }

  override trainBatchCount(): number {
    return this.all.length;
  }

  override *trainBatches({ from = 0, rank = 0, worldSize = 1 }: Partial<BatchRequest> = {}): Iterable<Batch> {
    for (const batch of this.all.slice(from)) yield rowsOf(batch, { rank, worldSize });
  }

  /** Batches with different numbers of samples; there are more of them than processes. */
  override *validationBatches(): Iterable<Batch> {
    for (const batch of this.all) for (let i = 0; i < 4; i++) yield rowsOf(batch, { rank: i, worldSize: 4 });
  }
}

function rowsOf(batch: ReadyBatch, { rank, worldSize }: { rank: number; worldSize: number }): Batch {
  const rows = tf.tensor1d(
    Array.from({ length: ALL / worldSize }, (_, i) => rank + i * worldSize),
    "int32",
  );
  return Object.fromEntries(
    Object.entries(batch).map(([name, all]) => [name, tf.gather(all as tf.Tensor, rows)]),
  );
}

/** Every unit counts for every sample of its own session. */
function arranged(
  batch: ReadyBatch,
  number: number,
  { sessions, sides, broken }: EqualityOptions,
): ReadyBatch {
  const sessionOf = (row: number) => {
    if (sessions === "one each batch") return number % INPUT.units.length;
    return sessions === "mixed" ? (row % 5) % 3 : row % sides === 1 ? 2 : row % 2;
  };
  const dataset = Array.from({ length: ALL }, (_, row) => sessionOf(row));
  const owner = INPUT.units.flatMap((count, session) => Array<number>(count).fill(session));
  const mask = dataset.flatMap((own, row) => owner.map((session) => Number(session === own && row !== 7)));
  const robs = mask.map((valid, i) => valid * ((i * 7 + number) % 4));
  if (broken && number === 1) robs[mask.indexOf(1)] = Number.POSITIVE_INFINITY;
  return {
    ...batch,
    dataset: tf.tensor1d(dataset, "int32"),
    mask: tf.tensor2d(mask, [ALL, owner.length]),
    robs: tf.tensor2d(robs, [ALL, owner.length]),
  };
}
