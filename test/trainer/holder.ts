import { Trainer } from "../../lib/trainer/trainer";
import { Toy } from "./toy";

/** Trains in the folder of its argument until the process is killed, and prints a line when it trains. */
async function hold(dir: string): Promise<void> {
  const wait = {
    onTrainBatchStart: async () => {
      process.stdout.write(".");
      await new Promise((resolve) => setTimeout(resolve, 60_000));
    },
  };
  await new Trainer({ dir, name: "run", batchSize: 4, callbacks: [wait] }).fit(new Toy());
}

void hold(process.argv[2]!);
