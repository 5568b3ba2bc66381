import { ModelCheckpoint } from "../../lib/callbacks/model-checkpoint";
import { Trainer } from "../../lib/trainer/trainer";
import { Sampled } from "../trainer/sampled";

/** The run that is killed, and an equal run without checkpoints for comparison. */
export const OPTIONS = {
  name: "victim",
  batchSize: 4,
  maxEpochs: 120,
  seed: 3,
  resume: "auto",
  optimizer: { lr: 0.01, weightDecay: 0.1 },
} as const;

/** Resumes the run in the folder of its argument, and prints a line when it trains. */
async function live(dir: string): Promise<void> {
  const keep = new ModelCheckpoint({ monitor: "val_loss", saveTopK: 2, everyNTrainSteps: 3 });
  const ready = { onTrainBatchEnd: () => void process.stdout.write(".") };
  await new Trainer({ ...OPTIONS, dir, callbacks: [ready, keep] }).fit(new Sampled("curriculum"));
}

if (require.main === module) void live(process.argv[2]!);
