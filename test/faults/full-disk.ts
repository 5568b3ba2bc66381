import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ModelCheckpoint } from "../../lib/callbacks/model-checkpoint";
import type { Callback } from "../../lib/protocols/callback";
import { Trainer } from "../../lib/trainer/trainer";
import { Sampled } from "../trainer/sampled";

/** Trains in a folder whose disk fills up after two epochs, and prints the result as its last line. */
async function main(dir: string): Promise<void> {
  const warned: string[] = [];
  console.warn = (text: unknown) => warned.push(String(text));
  const fill: Callback = {
    onTrainEpochStart({ epoch }) {
      const ballast = join(dir, "ballast");
      if (epoch !== 2 || existsSync(ballast)) return;
      for (let size = 1 << 20; size >= 1; size >>= 1) {
        try {
          for (;;) writeFileSync(ballast, Buffer.alloc(size), { flag: "a" });
        } catch {
          // The size to which the disk is filled.
        }
      }
    },
  };
  const keep = new ModelCheckpoint({ monitor: "val_loss" });
  const options = { dir, batchSize: 4, maxEpochs: 5, optimizer: { lr: 0.01 }, callbacks: [fill, keep] };
  const { stopped, history, kept } = await new Trainer(options).fit(new Sampled("shuffled"));
  process.stdout.write(`\n${JSON.stringify({ stopped, epochs: history.length, kept, warned })}\n`);
}

void main(process.argv[2]!);
