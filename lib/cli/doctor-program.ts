import type { RendezvousClient } from "../distributed/rendezvous-client";
import { compile, tf } from "../engine";

const MEGABYTES = 4;
const REPEATS = 10;

/** The program of doctor's workers: sums all ranks' numbers, counted from 1, in a compiled step. */
export async function sumOfRanks(
  client: RendezvousClient,
): Promise<{ sum: number; ms: number; megabytes: number }> {
  const size = (MEGABYTES * 1e6) / Float32Array.BYTES_PER_ELEMENT;
  const step = compile((x: tf.Scalar) => {
    const all = client.collectives.sum(tf.fill([size], 1).mul(x), "doctor");
    return tf.reshape(tf.slice(all, [size - 1], [1]), []);
  });
  let [sum, begun] = [Number.NaN, 0];
  for (let i = 0; i <= REPEATS; i++) {
    const all = await step(client.rank + 1);
    sum = all.dataSync()[0]!;
    all.dispose();
    // The first call compiles the function.
    if (i === 0) begun = performance.now();
  }
  return { sum, ms: (performance.now() - begun) / REPEATS, megabytes: MEGABYTES };
}
