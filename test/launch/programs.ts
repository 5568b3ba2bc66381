import type { RendezvousClient } from "../../lib/distributed/rendezvous-client";
import { compile, OutOfMemoryError, tf } from "../../lib/engine";

/** Programs that the tests' workers run. */

/** Sums of numbers and buckets, several times. */
export async function sums(client: RendezvousClient): Promise<unknown> {
  const all = client.collectives;
  const w = tf.variable(tf.ones([3]));
  const step = compile((x: tf.Tensor, n: tf.Scalar) => {
    const [row, large, number] = all.sumAll([tf.mul(x, w), tf.fill([1000], client.rank), n], "sums", 2048);
    w.assign(tf.add(w, 1));
    return { row: row!, large: tf.sum(large!), number: number! };
  });
  const found = [];
  for (let n = 0; n < 3; n++) {
    const { row, large, number } = await step(tf.tensor1d([client.rank, 1, 2]), n);
    found.push([...row.dataSync(), ...large.dataSync(), ...number.dataSync()]);
  }
  return { found, threads: process.env.TF_NUM_INTRAOP_THREADS };
}

/** Rank 0 finishes immediately; rank 1 takes longer, and reports whether the process of rank 0 was still running. */
export async function uneven(client: RendezvousClient, { trouble }: { trouble: boolean }): Promise<void> {
  const sum = compile((x: tf.Scalar) => client.collectives.sum(x, "uneven"));
  const pid = (await sum(client.rank === 0 ? process.pid : 0)).dataSync()[0]!;
  if (client.rank === 0) return;
  await new Promise((resolve) => setTimeout(resolve, 1000));
  if (trouble) process.kill(process.pid, "SIGKILL");
  process.kill(pid, 0);
  await client.tell({ pid });
}

interface Loading {
  seconds: number;
  hangs: boolean;
  /** Whether the processes have trained before. */
  again?: boolean;
}

/** Rank 1 computes for some seconds before its first step, as a process that loads its sessions, and then waits forever if it `hangs`. */
export async function loading(
  client: RendezvousClient,
  { seconds, hangs, again = false }: Loading,
): Promise<number> {
  if (again) {
    client.moved(1, "working");
    await client.begin();
  }
  const end = performance.now() + 1000 * seconds;
  while (client.rank === 1 && performance.now() < end);
  if (client.rank === 1 && hangs) await new Promise(() => {});
  const sum = compile((x: tf.Scalar) => client.collectives.sum(x, "loading"));
  client.moved(0, "waiting");
  return (await sum(1)).dataSync()[0]!;
}

interface Trouble {
  rank: number;
  step: number;
  kind: "throw" | "kill" | "spin" | "wait" | "freeze" | "memory";
}

/** Runs steps with a sum each; at one step, one rank has the fault. */
export async function steps(client: RendezvousClient, { rank, step, kind }: Trouble): Promise<number> {
  const sum = compile((x: tf.Scalar) => client.collectives.sum(x, "steps"));
  for (let n = 0; ; n++) {
    client.moved(n, "working");
    if (n === 3) await client.tell({ pid: process.pid });
    if (client.rank === rank && n === step) await troubles[kind]();
    client.moved(n, "waiting");
    const done = await sum(client.stopReason === undefined ? 0 : 1);
    if (done.dataSync()[0]! > 0) return n;
    console.log(`step ${n}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const troubles: Record<Trouble["kind"], () => unknown> = {
  throw: () => {
    throw new RangeError("the stimulus has no frames");
  },
  kill: () => process.kill(process.pid, "SIGKILL"),
  spin: () => {
    for (;;);
  },
  wait: () => new Promise(() => {}),
  freeze: () => process.kill(process.pid, "SIGSTOP"),
  memory: () => {
    throw new OutOfMemoryError("training step", "it needs 80 GB, of which 16 GB are there");
  },
};
