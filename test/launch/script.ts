import { writeFileSync } from "node:fs";
import { ModelCheckpoint } from "../../lib/callbacks/model-checkpoint";
import { Trainer } from "../../lib/trainer/trainer";
import { EqualityModule } from "./equality-module";

/*
 * A user's script: `node script.ts OPTIONS`, where the options are `epochs`, `loading` and those of the trainer. It writes its
 * result to `result-<rank>.json` in the folder. With `loading` its module is deferred, and made in this number of seconds.
 */
const { epochs, result, loading, ...options } = JSON.parse(process.argv[2]!);
const module = new EqualityModule({ sessions: "mixed", sides: 1, broken: false });
const trainer = new Trainer({
  maxEpochs: epochs,
  stepsPerEpoch: 1,
  callbacks: [new ModelCheckpoint({ monitor: "val_loss" })],
  ...options,
});
const deferred = {
  recipe: module.recipe,
  async make() {
    await new Promise((resolve) => setTimeout(resolve, 1000 * loading));
    return module;
  },
};
trainer.fit(loading === undefined ? module : deferred).then(
  ({ stopped, history }) => {
    const weights = module.parameters.map(({ variable }) =>
      Array.from(variable.dataSync()).reduce((a, b) => a + b, 0),
    );
    writeFileSync(`${result}-${process.env.RANK ?? 0}.json`, JSON.stringify({ stopped, history, weights }));
  },
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
