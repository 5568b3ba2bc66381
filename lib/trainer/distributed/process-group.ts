import type { RendezvousClient } from "../../distributed/rendezvous-client";
import { compile, tf } from "../../engine";
import type { Stopped } from "../../protocols/events";
import type { TrainingModule } from "../../protocols/module";
import type { MeasuredLoss } from "../step/loss";
import { gather, gatherData, gatherDoubles } from "./gather";

/** The reasons to stop, in order of precedence when processes have different reasons. */
const REASONS = ["interrupted", "time", "diverged", "early"] as const;

/** The loss in one of several processes. */
export interface WeighedLoss {
  /** This process's share of the loss of all batches together. The shares and their gradients add up to the total. */
  readonly part: tf.Scalar;
  /** 1 for each dataset that has samples in any process, else 0, `[D]`. */
  readonly present: tf.Tensor1D | undefined;
  /**
   * This process's share of the loss of each dataset, `[D]`. Not finite if this process caused a loss that is not
   * finite.
   */
  readonly datasetLoss: tf.Tensor1D | undefined;
}

/** Combines the steps of several processes, each with its own batch, into one step on all batches. */
export class ProcessGroup {
  readonly rank: number;
  readonly worldSize: number;
  private readonly stopRequests = compile(
    (mine: tf.Tensor1D) => this.client.collectives.sum(mine, "stop requests"),
    {
      name: "stop requests",
    },
  );

  constructor(readonly client: RendezvousClient) {
    this.rank = client.rank;
    this.worldSize = client.worldSize;
  }

  /**
   * Computes this process's share of the loss: the mean over all samples, or over the samples of each dataset and then
   * over datasets. The sample counts of the other processes, and whether all losses are finite, must be known before
   * the gradient is computed. Traced.
   */
  weigh({ loss, samples, datasetLoss, weight, auxiliary, present }: MeasuredLoss): WeighedLoss {
    const { collectives } = this.client;
    if (!datasetLoss || !weight) {
      const counts = [tf.reshape(samples, [1]) as tf.Tensor1D, ...(present ? [present] : [])];
      const sums = collectives.sum(tf.concat1d(counts), "samples");
      const anywhere = present && tf.cast(tf.greater(tf.slice(sums, 1), 0), "float32");
      const total = tf.reshape(tf.slice(sums, 0, 1), []);
      const part = tf.mul<tf.Scalar>(loss, tf.div(samples, total));
      return { part, present: anywhere as tf.Tensor1D | undefined, datasetLoss: undefined };
    }
    const datasets = weight.size;
    const finite = tf.cast(tf.isFinite(datasetLoss), "float32");
    const extra = auxiliary?.weight ?? tf.scalar(0);
    const mine = tf.concat1d([weight, tf.sub(1, finite) as tf.Tensor1D, tf.reshape(extra, [1])]);
    const all = collectives.sum(mine, "weights");
    const [weights, broken, extras] = tf.split(all, [datasets, datasets, 1]) as [
      tf.Tensor1D,
      tf.Tensor1D,
      tf.Tensor1D,
    ];
    const anywhere = tf.cast(tf.greater(weights, 0), "float32");
    const counted = tf.mul(anywhere, tf.cast(tf.equal(broken, 0), "float32"));
    const share = tf.div(weight, tf.maximum(weights, 1));
    const ofDatasets = tf.mul(datasetLoss, share) as tf.Tensor1D;
    const parts = tf.where(tf.greater(counted, 0), ofDatasets, tf.zerosLike(datasetLoss));
    let part = tf.div(tf.sum(parts), tf.maximum(tf.sum(counted), 1)) as tf.Scalar;
    if (auxiliary) {
      const ofAll = tf.div(auxiliary.weight, tf.maximum(tf.reshape(extras, []), 1));
      part = tf.add(part, tf.mul(auxiliary.loss, ofAll));
    }
    return { part, present: anywhere as tf.Tensor1D, datasetLoss: ofDatasets };
  }

  /** Sums tensors over the processes, in buckets. Traced. */
  sumAll(tensors: readonly tf.Tensor[], key: string): tf.Tensor[] {
    return this.client.collectives.sumAll(tensors, key);
  }

  /** Encodes this process's reason to stop as numbers that can be summed over processes: one number for each reason. */
  stopRequestOf(reason: Stopped | undefined): number[] {
    return REASONS.map((known) => Number(known === reason));
  }

  /** Encodes the seconds of the first process's clock as a number whose sum over processes they are. */
  clockOf(seconds: number): number {
    return this.rank === 0 ? seconds : 0;
  }

  /** Returns the reason on which the processes agree, from the summed numbers. */
  agreed(stopRequests: ArrayLike<number>): Stopped | undefined {
    return REASONS.find((_, i) => stopRequests[i]! > 0);
  }

  /** Agrees on a reason to stop with all processes, outside of a step. */
  async agree(reason: Stopped | undefined): Promise<Stopped | undefined> {
    const mine = tf.tensor1d(this.stopRequestOf(reason));
    const all = await this.stopRequests(mine);
    const stopRequests = all.dataSync();
    tf.dispose([mine, all]);
    return this.agreed(stopRequests);
  }

  /** Copies rank 0's values of variables to all processes. */
  async share(variables: readonly tf.Variable[]): Promise<void> {
    const { client, rank } = this;
    if (variables.length === 0) return;
    const share = compile(
      () => {
        const given = variables.map((variable) => (rank === 0 ? variable : tf.zerosLike(variable)));
        client.collectives.sumAll(given, "share").forEach((value, i) => {
          variables[i]!.assign(value);
        });
        return tf.scalar(0);
      },
      { name: "share of rank 0's weights" },
    );
    (await share()).dispose();
    share.dispose();
  }

  /** Sums numbers over the processes in double precision, in the order of the ranks. */
  async addUp(sums: Float64Array): Promise<Float64Array> {
    const parts = await this.gatherDoubles(sums);
    return sums.map((_, i) => parts.reduce((sum, part) => sum + part[i]!, 0));
  }

  /** Returns the numbers of each process in double precision. Processes may have different counts. */
  async gatherDoubles(own: Float64Array): Promise<Float64Array[]> {
    return gatherDoubles(this.client, own);
  }

  /** Concatenates the numbers of all processes, in the order of the ranks. Processes may have different counts. */
  async gather(own: Float32Array): Promise<Float32Array> {
    const parts = await gather(this.client, own);
    return Float32Array.from(parts.flatMap((part) => [...part]));
  }

  /** Connects a module that has some of the datasets with its other parts. @throws ConfigError when they do not fit together */
  async connect({ shard }: Pick<TrainingModule, "shard">): Promise<void> {
    shard?.connect(await this.exchange(shard.facts));
  }

  /** Returns the plain data of each process, in the order of the ranks. */
  async exchange(own: unknown): Promise<unknown[]> {
    return gatherData(this.client, own);
  }

  dispose(): void {
    this.stopRequests.dispose();
  }
}
