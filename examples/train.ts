/**
 * gradbook as a library: a twin of the demo sessions, trained from a script.
 *
 *     npx tsx examples/train.ts            # in a clone, after `npm run setup`
 *     MAX_EPOCHS=1 npx tsx examples/train.ts
 */
import { EarlyStopping, loadExperiment, ModelCheckpoint, ProgressLine, Trainer } from "gradbook";

async function main(): Promise<void> {
  const experiment = await loadExperiment({
    model: "configs/models/quickstart.yaml",
    sessions: "configs/sessions/demo.yaml",
  });
  console.log(String(experiment.summary(64)));

  const monitor = { monitor: "val_bps_overall", mode: "max" } as const;
  const trainer = new Trainer({
    name: "example",
    overwrite: true,
    maxEpochs: Number(process.env.MAX_EPOCHS ?? 10),
    stepsPerEpoch: Number(process.env.STEPS_PER_EPOCH ?? 300),
    optimizer: { lr: 5e-3 },
    callbacks: [
      new ModelCheckpoint(monitor),
      new EarlyStopping({ ...monitor, patience: 3 }),
      new ProgressLine(),
    ],
  });
  const run = await trainer.fit(experiment); // Ctrl-C saves and returns

  run.load("best");
  const [session] = experiment.sessions;
  const rates = await experiment.predict(0, session!.validation);
  console.log(`${run}: ${rates.length} predicted rates of ${session!.name}`);
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
