import type { SessionBatch } from "../../../lib/data/serving/multi-dataset";
import type { ResidentData } from "../../../lib/data/serving/resident";
import { compile, tf } from "../../../lib/engine";
import type { TracedBatch } from "../../../lib/protocols/module";
import { toTensors } from "../../../lib/trainer/step/to-tensors";

/** Returns the bytes of all samples of some passes over the data, as texts. */
export async function bytesServed(
  resident: ResidentData,
  ...passes: readonly Iterable<SessionBatch>[]
): Promise<string[]> {
  const step = compile((batch: TracedBatch) => ({ ...resident.samples(batch) }));
  const values: string[] = [];
  for (const batches of passes)
    for await (const batch of resident.serve(batches)) {
      const { tensors, made } = toTensors(batch);
      const samples = Object.values(await step(tensors));
      values.push(...samples.map((tensor) => Buffer.from(tensor.dataSync().buffer).toString("latin1")));
      tf.dispose([...samples, ...made]);
    }
  step.dispose();
  return values;
}
