import * as tf from "@tensorflow/tfjs-core";
import { ATTR } from "./attributes";
import { backend } from "./backend";
import { context } from "./context";
import { writeInt, writeMessage, writeText } from "./protobuf";

/** The processes that compute together. */
export interface Cluster {
  /** This process's number, from 0. */
  readonly rank: number;
  /** The address (`host:port`) at which each process's TensorFlow listens, in the order of ranks. */
  readonly addresses: readonly string[];
}

// Field numbers of ServerDef and ClusterDef (tensorflow/core/protobuf/tensorflow_server.proto and cluster.proto).
const SERVER = { cluster: 1, jobName: 2, taskIndex: 3, config: 4, protocol: 5 } as const;
const JOBS = 1;
const JOB = { name: 1, tasks: 2 } as const;
const ENTRY = { key: 1, value: 2 } as const;
// ConfigProto.experimental, and its field for the task that coordinates the membership of a group.
const EXPERIMENTAL = 16;
const GROUP_LEADER = 1;

const NAME = "worker";

/** Encodes a cluster as TensorFlow's `ServerDef`. */
function toServerDef({ rank, addresses }: Cluster): Buffer {
  const tasks = addresses.map((address, i) =>
    writeMessage(JOB.tasks, writeInt(ENTRY.key, i), writeText(ENTRY.value, address)),
  );
  const leader = writeMessage(EXPERIMENTAL, writeText(GROUP_LEADER, `/job:${NAME}/replica:0/task:0`));
  return Buffer.concat([
    writeMessage(SERVER.cluster, writeMessage(JOBS, writeText(JOB.name, NAME), ...tasks)),
    writeText(SERVER.jobName, NAME),
    writeInt(SERVER.taskIndex, rank),
    writeMessage(SERVER.config, leader),
    writeText(SERVER.protocol, "grpc"),
  ]);
}

let joined: Cluster | undefined;

/**
 * Adds this process to a cluster: its TensorFlow listens on its address, and collective operations become available. Call it once per
 * process. Existing tensors and compiled functions stay valid.
 *
 * @throws TensorFlowError when TensorFlow cannot listen on the address, for example because the port is in use
 */
export function joinCluster(cluster: Cluster): void {
  if (joined) throw new Error(`This process is rank ${joined.rank} of ${joined.addresses.length} already.`);
  const { c, pointer, status, check } = context();
  const server = toServerDef(cluster);
  c.enableCollectiveOps(pointer, server, server.length, status);
  check(`rank ${cluster.rank} at ${cluster.addresses[cluster.rank]}`);
  joined = cluster;
}

/** The group key: all processes of a cluster form one group. */
const GROUP_KEY = 1;

/**
 * Sums tensors over all processes with TensorFlow's collective runtime: a ring over gRPC between CPUs and hosts, NCCL between GPUs. Use
 * it inside compiled functions, where TensorFlow starts each sum as soon as its input is available. The sums have no gradients.
 *
 * All processes must execute the same sums; otherwise the others wait forever.
 */
export class Collectives {
  readonly rank: number;
  readonly worldSize: number;
  private readonly hint: "nccl" | "ring";

  /** @throws Error when the process has not joined a cluster */
  constructor() {
    if (!joined) throw new Error("Collectives: joinCluster first.");
    this.rank = joined.rank;
    this.worldSize = joined.addresses.length;
    this.hint = context().devices.some(({ type }) => type === "GPU") ? "nccl" : "ring";
  }

  /**
   * Returns the sum of a tensor over all processes.
   *
   * @param x float32 or int32, with the same shape in every process
   * @param key the name of the sum; sums that run at the same time need different keys
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
   * Returns the sums of many tensors, concatenated into a few buckets, because a message per tensor would take about as long as a message
   * for all. A bucket is sent while the tensors of the next one are still being computed.
   *
   * @param bucketBytes the size of a bucket; a larger tensor gets its own bucket
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

/** PyTorch's DDP uses 25 MiB, for GPUs. A ring over gRPC reaches its full rate at about 1 MiB. */
const BUCKET_BYTES = 4 * 2 ** 20;
const FLOAT_BYTES = 4;

/** Groups neighbouring tensors in order, so that a bucket fills as early as possible in a backward pass. */
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

/** Hashes a text to a positive int32 (FNV-1a). All processes get the same number, regardless of what each compiled before. */
function instanceKey(text: string): number {
  let h = 0x811c9dc5;
  for (const byte of Buffer.from(text)) h = Math.imul(h ^ byte, 0x01000193);
  return (h >>> 1) | 1;
}
