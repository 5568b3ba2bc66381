import { join } from "node:path";
import {
  BatchModule,
  buildModel,
  parseModelConfig,
  randomBatches,
  readModelConfig,
  Trainer,
} from "../../../lib";
import { planModel } from "../../../lib/model/plan";

/** Trains the model of the YAML file beside it, and tries invalid variants; prints the results as JSON. */
async function main(dir: string): Promise<void> {
  const file = join(__dirname, "model.yaml");
  const input = { lags: 2, height: 3, width: 3, units: [2] };
  const model = buildModel(readModelConfig(file), input, 0, file);
  const module = new BatchModule(model, randomBatches(input, { batchSize: 4, count: 1 }));
  const run = await new Trainer({ dir, maxEpochs: 1, stepsPerEpoch: 3, batchSize: 4 }).fit(module);
  const gain = Array.from(model.variable("convnet.log_gain").dataSync());
  const failure = (type: string, params: object = {}) => {
    try {
      parseModelConfig({ convnet: { type, params }, readout: { type: "linear" } }, file);
      return "";
    } catch (error) {
      return (error as Error).message.replaceAll(__dirname, ".");
    }
  };
  const failures = {
    file: failure("./my_cor.ts#MyCore"),
    name: failure("./my_core.ts#MyCor"),
    kind: failure("./my_core.ts#notACore"),
    option: failure("./my_core.ts#MyCore", { powr: 2 }),
  };
  const timed = parseModelConfig(
    { sampling_rate: 240, frontend: { type: "./my_core.ts#MyFrontend" }, readout: { type: "linear" } },
    file,
  );
  const samplingRate = planModel(timed, input, file).stages.find(({ stage }) => stage === "frontend")!.flops;
  console.log(
    JSON.stringify({ samplingRate, stopped: run.stopped, moved: gain.every((g) => g !== 0), failures }),
  );
}

main(process.argv[2]!);
