import { writeInt, writeMessage } from "./protobuf";

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
const text = (number: number, value: string) => writeMessage(number, Buffer.from(value));

/** Encodes a cluster as TensorFlow's `ServerDef`. */
export function toServerDef({ rank, addresses }: Cluster): Buffer {
  const tasks = addresses.map((address, i) =>
    writeMessage(JOB.tasks, writeInt(ENTRY.key, i), text(ENTRY.value, address)),
  );
  const leader = writeMessage(EXPERIMENTAL, text(GROUP_LEADER, `/job:${NAME}/replica:0/task:0`));
  return Buffer.concat([
    writeMessage(SERVER.cluster, writeMessage(JOBS, text(JOB.name, NAME), ...tasks)),
    text(SERVER.jobName, NAME),
    writeInt(SERVER.taskIndex, rank),
    writeMessage(SERVER.config, leader),
    text(SERVER.protocol, "grpc"),
  ]);
}
