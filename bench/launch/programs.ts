import type { RendezvousClient } from "../../lib/distributed/rendezvous-client";
import { compile, tf } from "../../lib/engine";
import type { FactoryReference } from "../../lib/protocols/module";
import { ProcessGroup } from "../../lib/trainer/distributed/process-group";
import { median } from "../step/median";
import { modelFile, readModelFile, type Size } from "../step/model-file";
import { subject, trainerOptions } from "../step/subject";
import { timeSteps } from "../step/timing";

/** Programs that the benchmark's workers run. */

const FLOAT_BYTES = 4;
const WARM_UP = 3;
/** The number of sums in one call. Several sums make the overhead of a call small. */
const CHAIN = 4;

/** Milliseconds of an all-reduce, median, for each number of bytes. */
export async function reduce(
  client: RendezvousClient,
  { sizes, repeats }: { sizes: number[]; repeats: number },
) {
  const found = [];
  for (const bytes of sizes) found.push({ bytes, ms: await timeSum(client, [bytes], repeats) });
  return found;
}

/** Measures the milliseconds of summing arrays of the given sizes, as the trainer sums gradients. */
async function timeSum(client: RendezvousClient, sizes: readonly number[], repeats: number): Promise<number> {
  const step = compile((start: tf.Scalar) => {
    let last: tf.Tensor = start;
    for (let i = 0; i < CHAIN; i++) {
      const given = sizes.map((bytes) => tf.fill([Math.max(1, bytes / FLOAT_BYTES)], 0));
      const sums = client.collectives.sumAll(
        given.map((each) => tf.add(each, last)),
        `bench ${i}`,
      );
      last = tf.mul(tf.addN(sums.map((sum) => tf.reshape(tf.slice(sum, [0], [1]), []))), 0);
    }
    return last;
  });
  const times: number[] = [];
  for (let i = 0; i < WARM_UP + repeats; i++) {
    const begun = performance.now();
    (await step(1)).dispose();
    if (i >= WARM_UP) times.push((performance.now() - begun) / CHAIN);
    client.moved(i, "working");
  }
  step.dispose();
  return median(times);
}

/**
 * Measures a training step of a benchmark's model, with its batch split over all processes, and the sum of its
 * gradients alone.
 */
export async function step(client: RendezvousClient, { size, steps }: { size: Size; steps: number }) {
  const file = readModelFile(modelFile(size));
  const { module } = subject(file, client.worldSize);
  const group = client.worldSize > 1 ? new ProcessGroup(client) : undefined;
  const { times } = await timeSteps(module, trainerOptions(file.bench), steps, { group });
  const sizes = module.parameters.map(({ variable }) => variable.size * FLOAT_BYTES);
  return {
    ms: median(times),
    bytes: sizes.reduce((a, b) => a + b, 0),
    reduce_ms: group ? await timeSum(client, sizes.reverse(), steps) : 0,
  };
}

export { countSummed } from "./sharding";

/** The small model, for the trainer. */
export function small({ processes }: { processes: number }) {
  const recipe: FactoryReference = { module: __filename, name: "small", options: { processes } };
  return Object.assign(subject(readModelFile(modelFile("small")), processes).module, { recipe });
}
