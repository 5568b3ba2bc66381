import * as tf from "@tensorflow/tfjs-core";
import { ATTR } from "./attributes";
import { backend } from "./backend";
import { type Cluster, toServerDef } from "./cluster";
import { context } from "./context";

let joined: Cluster | undefined;

/**
 * Makes this process one of a cluster: its TensorFlow listens on its address, and collective operations may be used. Once in
 * a process; tensors and compiled functions from before stay as they are.
 *
 * @throws TensorFlowError when the address cannot be listened on, such as a port that is taken
 */
export function joinCluster(cluster: Cluster): void {
  if (joined) throw new Error(`This process is rank ${joined.rank} of ${joined.addresses.length} already.`);
  const { c, pointer, status, check } = context();
  const server = toServerDef(cluster);
  c.enableCollectiveOps(pointer, server, server.length, status);
  check(`rank ${cluster.rank} at ${cluster.addresses[cluster.rank]}`);
  joined = cluster;
}

/** All processes of a cluster are one group. */
const GROUP_KEY = 1;

/**
 * Sums over all processes, by TensorFlow's own collective runtime: a ring over gRPC between CPUs and hosts, NCCL between
 * GPUs. To be used inside compiled functions, where TensorFlow starts each sum as soon as its input is there. Nothing has a
 * gradient.
 *
 * All processes must come to the same sums; a process that does not leaves the others waiting.
 */
export class Collectives {
  readonly rank: number;
  readonly worldSize: number;
  private readonly hint: "nccl" | "ring";

  /** @throws Error when the process is in no cluster */
  constructor() {
    if (!joined) throw new Error("Collectives: joinCluster first.");
    this.rank = joined.rank;
    this.worldSize = joined.addresses.length;
    this.hint = context().devices.some(({ type }) => type === "GPU") ? "nccl" : "ring";
  }

  /**
   * The sum of a tensor over all processes.
   *
   * @param x of the same shape in each of them, float32 or int32
   * @param key names the sum: where two are under way at once, theirs must differ
   */
  sum<T extends tf.Tensor>(x: T, key: string): T {
    return tf.tidy(() => {
      const attributes = [
        { name: "merge_op", type: ATTR.STRING, value: "Add" },
        { name: "final_op", type: ATTR.STRING, value: "Id" },
        { name: "communication_hint", type: ATTR.STRING, value: this.hint },
      ];
      const keys = [this.worldSize, GROUP_KEY, instanceKey(`${key} ${x.dtype} ${x.shape}`)];
      const inputs = [x, ...keys.map((value) => tf.scalar(value, "int32"))];
      return backend.executeSingleOutput("CollectiveReduceV2", attributes, inputs) as T;
    });
  }

  /**
   * The sums of many tensors, laid end to end in a few buckets: a message of its own for each would take as long as one for
   * all of them. A bucket is on its way while the tensors of the next are still computed.
   *
   * @param bucketBytes of a bucket; a larger tensor is one by itself
   */
  sumAll(tensors: readonly tf.Tensor[], key: string, bucketBytes = BUCKET_BYTES): tf.Tensor[] {
    return tf.tidy(() =>
      buckets(tensors, bucketBytes).flatMap((members, b) => {
        const flat = tf.concat1d(members.map((tensor) => tf.reshape(tensor, [-1])));
        const parts = tf.split(
          this.sum(flat, `${key} ${b}`),
          members.map(({ size }) => size),
        );
        return parts.map((part, i) => tf.reshape(part, members[i]!.shape));
      }),
    );
  }
}

/** PyTorch's DDP takes 25 MiB, for GPUs; a ring over gRPC is at its full rate from about 1 MiB. */
const BUCKET_BYTES = 4 * 2 ** 20;
const FLOAT_BYTES = 4;

/** Neighbours together, in their order, so that a bucket is full as early as may be in a backward pass. */
function buckets(tensors: readonly tf.Tensor[], bytes: number): tf.Tensor[][] {
  const found: tf.Tensor[][] = [];
  let room = 0;
  for (const tensor of tensors) {
    const size = tensor.size * FLOAT_BYTES;
    if (found.length > 0 && size <= room) found.at(-1)!.push(tensor);
    else {
      found.push([tensor]);
      room = bytes;
    }
    room -= size;
  }
  return found;
}

/** The same number for the same text in all processes, whatever each compiled before (FNV-1a). A positive int32. */
function instanceKey(text: string): number {
  let h = 0x811c9dc5;
  for (const byte of Buffer.from(text)) h = Math.imul(h ^ byte, 0x01000193);
  return (h >>> 1) | 1;
}
