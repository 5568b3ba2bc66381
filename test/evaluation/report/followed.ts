import { ModelCheckpoint } from "../../../lib/callbacks/model-checkpoint";
import { Trainer } from "../../../lib/trainer/trainer";
import { Toy } from "../../trainer/toy";

/** A process that trains in the folder of its argument, so slowly that it can be followed: 20 batches in two epochs. */
async function live(dir: string): Promise<void> {
  const slow = { onTrainBatchEnd: () => new Promise<void>((resolve) => setTimeout(resolve, 100)) };
  const callbacks = [slow, new ModelCheckpoint({ everyNTrainSteps: 1 })];
  await new Trainer({ dir, name: "run", batchSize: 4, maxEpochs: 2, resume: "auto", callbacks }).fit(
    new Toy(),
  );
}

void live(process.argv[2]!);
