import { join } from "node:path";
import {
  BatchModule,
  buildModel,
  MultiDatasetDM,
  parseModelConfig,
  randomBatches,
  type SchedulerOptions,
  Trainer,
  type TrainerOptions,
} from "../../../lib";

const at = (name: string) => `${join(__dirname, "my_parts.ts")}#${name}` as const;

/** Trains with parts of a user's module, and tries invalid variants; prints the results as JSON. */
async function main(dir: string): Promise<void> {
  const input = { lags: 2, height: 3, width: 3, units: [2] };
  const config = (more: object) => ({
    readout: { type: "linear" },
    loss: "./my_parts.ts#squared",
    regularization: [
      { type: "./my_parts.ts#power", params: { p: 3 }, lambda: 0.1, apply_to: ["readouts"] },
      { type: "./my_parts.ts#rounded", lambda: 0.25, apply_to: ["readouts/fc"] },
    ],
    ...more,
  });
  // The path is relative to the configuration's file.
  const model = buildModel(parseModelConfig(config({}), __filename), input, 0, __filename);
  const module = new BatchModule(model, randomBatches(input, { batchSize: 4, count: 1 }));
  const lrs: number[] = [];
  const options: TrainerOptions = {
    dir,
    maxEpochs: 1,
    stepsPerEpoch: 4,
    batchSize: 4,
    optimizer: { type: at("signDescent"), lr: 0.4, scale: 0.5 },
    scheduler: { type: at("halving"), every: 2 },
    callbacks: [{ onTrainBatchEnd: ({ lr }) => void lrs.push(lr) }],
  };
  const run = await new Trainer(options).fit(module);
  const weights = Array.from(model.variable("readouts.0.fc.weight").dataSync());
  const failure = (code: () => unknown) => {
    try {
      code();
      return "accepted";
    } catch (error) {
      return (error as Error).message.replaceAll(__dirname, ".");
    }
  };
  const ofModel = (more: object) => failure(() => parseModelConfig(config(more), __filename));
  const entry = { lambda: 1, apply_to: ["readouts"] };
  const sampled = await MultiDatasetDM.load("configs/sessions/demo.yaml", {
    maxDatasets: 2,
    sampler: { type: at("byTurns") },
  });
  const batches = [...sampled.trainBatches({ batchSize: 8, seed: 0, pass: 0 })].slice(0, 3);
  const ofSampler = (more: object) => failure(() => new MultiDatasetDM(sampled.sessions, more));
  const result = {
    stopped: run.stopped,
    lrs,
    multiples: weights.every((w) => Number.isInteger(w / 0.25)),
    batches: batches.map(({ dataset }) => [...new Set(dataset)]),
    failures: {
      optimizerKind: failure(() => new Trainer({ optimizer: { type: at("halving") } })),
      optimizerOption: failure(() => new Trainer({ optimizer: { type: at("signDescent"), size: 2 } })),
      schedulerExport: failure(() => new Trainer({ scheduler: { type: at("halvin"), every: 2 } })),
      schedulerOption: failure(
        () => new Trainer({ scheduler: { type: at("halving"), every: 0 } as SchedulerOptions }),
      ),
      lossKind: ofModel({ loss: "./my_parts.ts#power" }),
      lossName: ofModel({ loss: "poison" }),
      regularizerFile: ofModel({ regularization: [{ type: "./parts.ts#power", ...entry }] }),
      regularizerOption: ofModel({ regularization: [{ type: "./my_parts.ts#power", ...entry }] }),
      regularizerName: ofModel({ regularization: [{ type: "l3", ...entry }] }),
      libraryOption: ofModel({ regularization: [{ type: "l1", params: { p: 1 }, ...entry }] }),
      samplerName: ofSampler({ sampler: { type: "shuffled" } }),
      samplerKind: ofSampler({ sampler: { type: at("squared") } }),
      samplerTwice: ofSampler({ sampler: { type: at("byTurns") }, enableCurriculum: true }),
    },
  };
  console.log(JSON.stringify(result));
}

void main(process.argv[2]!);
