import type { BatchRequest } from "../../protocols/module";
import type { SampleBatch } from "../samplers/sampler";
import { BatchOrder, type BatchOrderOptions } from "./batch-order";

/** The samples of a session that a process needs to know to divide batches, also of sessions that it has not loaded. */
export interface SampleCounts {
  readonly train: number;
  readonly validation: number;
  /** The contrast of each training sample, for a curriculum. */
  readonly contrast?: Float32Array;
}

/** The division of sessions among processes. */
export interface Division {
  readonly rank: number;
  readonly worldSize: number;
  /** The rank that has each session. */
  readonly owners: readonly number[];
}

/** Returns the numbers of the sessions that a rank has. */
export function sessionsOf({ owners }: Pick<Division, "owners">, rank: number): number[] {
  return owners.flatMap((owner, session) => (owner === rank ? [session] : []));
}

/** The lengths of batches are multiples of this share of a batch, so that a few compiled steps serve all batches. */
const GRANULARITY = 1 / 4;
/** The least of these multiples, for batches of at least that size. */
const LEAST_UNIT = 4;

/**
 * The batches of a process that has some of the sessions.
 *
 * Batch b of all processes together consists of the samples that undivided processes have in their batches b. Each process takes those of
 * its own sessions. All processes pad to one length, that of the largest part, so that they compile the same steps at the same time.
 */
export class ShardedOrder {
  private readonly whole: BatchOrder;
  /** The number of each session among those of its rank. */
  private readonly local: readonly number[];

  constructor(
    private readonly sessions: readonly SampleCounts[],
    options: BatchOrderOptions,
    private readonly division: Division,
  ) {
    const contrast = sessions.flatMap((session) => (session.contrast ? [session.contrast] : []));
    const sizes = sessions.map(({ train }) => train);
    this.whole = new BatchOrder(sizes, options, contrast.length > 0 ? contrast : undefined);
    this.local = division.owners.map((owner, session) => sessionsOf(division, owner).indexOf(session));
  }

  /** Returns the number of batches of an epoch. */
  count(batchSize: number): number {
    return this.whole.count(batchSize, this.division.worldSize);
  }

  /** Generates the training batches of one pass. */
  *train(request: BatchRequest): Generator<SampleBatch> {
    const { worldSize } = this.division;
    const ranks = Array.from({ length: worldSize }, (_, rank) =>
      this.whole.train({ ...request, rank, worldSize }),
    );
    const count = this.count(request.batchSize);
    for (let b = request.from ?? 0; b < count; b++)
      yield this.partOf(
        ranks.map((batches) => batches.next().value as SampleBatch),
        request.batchSize,
      );
  }

  /** Returns the number of validation batches of all sessions. */
  validationCount(batchSize: number): number {
    return Math.ceil(this.sessions.reduce((sum, { validation }) => sum + validation, 0) / batchSize);
  }

  /** Generates full validation batches of this process's samples among the first `limit` batches of all sessions, at least one batch. */
  *validation({ limit, batchSize, seed }: BatchRequest): Generator<SampleBatch> {
    const sizes = this.sessions.map(({ validation }) => validation);
    const count = Math.min(limit ?? Number.POSITIVE_INFINITY, this.validationCount(batchSize));
    const all = BatchOrder.validation(sizes, { batchSize, seed, pass: 0 });
    let waiting: Sample[] = [];
    let served = 0;
    for (let b = 0; b < count; b++) {
      waiting.push(...this.own(samplesOf(all.next().value as SampleBatch)));
      if (waiting.length < batchSize) continue;
      yield this.batchOf(waiting.slice(0, batchSize), batchSize);
      waiting = waiting.slice(batchSize);
      served++;
    }
    if (waiting.length > 0 || served === 0) yield this.batchOf(waiting, batchSize);
  }

  /** Returns this process's part of a training batch, padded to the length of the largest part. */
  private partOf(batches: readonly SampleBatch[], batchSize: number): SampleBatch {
    const { owners, worldSize } = this.division;
    const samples = batches.flatMap(samplesOf);
    const counts = new Int32Array(worldSize);
    for (const { session } of samples) counts[owners[session]!]!++;
    const unit = Math.max(Math.ceil(batchSize * GRANULARITY), Math.min(batchSize, LEAST_UNIT));
    return this.batchOf(this.own(samples), unit * Math.max(1, Math.ceil(Math.max(...counts) / unit)));
  }

  private own(samples: readonly Sample[]): Sample[] {
    const { owners, rank } = this.division;
    return samples.filter(({ session }) => owners[session] === rank);
  }

  /** Returns samples of this process's sessions, which are numbered from 0, and padding. */
  private batchOf(samples: readonly Sample[], length: number): SampleBatch {
    const [dataset, index] = [new Int32Array(length).fill(-1), new Int32Array(length)];
    samples.forEach((sample, i) => {
      dataset[i] = this.local[sample.session]!;
      index[i] = sample.index;
    });
    return { dataset, index };
  }
}

/** A sample, with the number of its session among all sessions. */
interface Sample {
  readonly session: number;
  readonly index: number;
}

/** Returns the samples of a batch without its padding. */
const samplesOf = ({ dataset, index }: SampleBatch): Sample[] =>
  Array.from(dataset, (session, i) => ({ session, index: index[i]! })).filter(({ session }) => session >= 0);
