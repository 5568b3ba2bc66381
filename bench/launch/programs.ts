import type { Link } from "../../lib/distributed";
import { compile, tf } from "../../lib/engine";
import type { Recipe } from "../../lib/protocols/module";
import { Ranks } from "../../lib/trainer/distributed/ranks";
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
export async function reduce(link: Link, { sizes, repeats }: { sizes: number[]; repeats: number }) {
  const found = [];
  for (const bytes of sizes) found.push({ bytes, ms: await timeSum(link, [bytes], repeats) });
  return found;
}

/** Measures the milliseconds of summing arrays of the given sizes, as the trainer sums gradients. */
async function timeSum(link: Link, sizes: readonly number[], repeats: number): Promise<number> {
  const step = compile((start: tf.Scalar) => {
    let last: tf.Tensor = start;
    for (let i = 0; i < CHAIN; i++) {
      const given = sizes.map((bytes) => tf.fill([Math.max(1, bytes / FLOAT_BYTES)], 0));
      const sums = link.collectives.sumAll(
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
    link.moved(i, "working");
  }
  step.dispose();
  return median(times);
}

/**
 * Measures a training step of a benchmark's model, with its batch split over all processes, and the sum of its
 * gradients alone.
 */
export async function step(link: Link, { size, steps }: { size: Size; steps: number }) {
  const file = readModelFile(modelFile(size));
  const { module } = subject(file, link.worldSize);
  const ranks = link.worldSize > 1 ? new Ranks(link) : undefined;
  const { times } = await timeSteps(module, trainerOptions(file.bench), steps, { ranks });
  const sizes = module.parameters.map(({ variable }) => variable.size * FLOAT_BYTES);
  return {
    ms: median(times),
    bytes: sizes.reduce((a, b) => a + b, 0),
    reduce_ms: ranks ? await timeSum(link, sizes.reverse(), steps) : 0,
  };
}

/** The small model, for the trainer. */
export function small({ processes }: { processes: number }) {
  const recipe: Recipe = { module: __filename, name: "small", options: { processes } };
  return Object.assign(subject(readModelFile(modelFile("small")), processes).module, { recipe });
}
