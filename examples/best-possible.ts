/**
 * How close a twin comes to the best that any model could do: the demo sessions are simulated, so their true rates are known.
 * Two to three minutes on two cores.
 *
 *     npx tsx examples/best-possible.ts    # in a clone, after `npm run setup`
 */
import {
  bestPossible,
  EMAWeightAveraging,
  loadExperiment,
  ModelCheckpoint,
  ProgressLine,
  readTruth,
  Table,
  Trainer,
} from "gradbook";

async function main(): Promise<void> {
  const experiment = await loadExperiment({
    model: "configs/models/quickstart.yaml",
    sessions: "configs/sessions/demo.yaml",
  });
  const trainer = new Trainer({
    name: "best-possible",
    overwrite: true,
    maxEpochs: Number(process.env.MAX_EPOCHS ?? 20),
    stepsPerEpoch: Number(process.env.STEPS_PER_EPOCH ?? 600),
    maxTime: 290, // seconds, on a slower machine
    batchSize: 64,
    seed: 7,
    optimizer: { lr: 5e-3, weightDecay: 0.1 },
    scheduler: { type: "cosine_warmup", warmupEpochs: 1, warmupStartLr: 1.25e-3 },
    callbacks: [
      // Steps of this rate scatter about what the data say; their average does not.
      new EMAWeightAveraging({ decay: 0.998 }),
      new ModelCheckpoint({ monitor: "val_bps_overall", mode: "max" }),
      new ProgressLine(),
    ],
  });
  const run = await trainer.fit(experiment);
  run.load("best");

  const best = (await bestPossible(experiment))!;
  const score = run.kept.best!.score;
  const epoch = run.history.find((record) => record.val_bps_overall === score)!;
  const rows = experiment.sessions.map(({ name }, i) => {
    const [reached, possible] = [Number(epoch[`val_bps/${name}`]), best.perSession()[i]!];
    return { session: name, "bits per spike": reached, "best possible": possible, share: reached / possible };
  });
  console.log(String(new Table(rows)));

  const truth = (await Promise.all(experiment.sessions.map(readTruth))).flat();
  const errors = experiment
    .readoutPositions()
    .map(({ y, x }, unit) => Math.hypot(y - truth[unit]!.y, x - truth[unit]!.x))
    .sort((a, b) => a - b);
  const share = ((100 * score) / best.overall()).toFixed(1);
  console.log(`${run}: ${share} % of the best possible bits per spike`);
  console.log(`readout positions, median error ${errors[errors.length >> 1]!.toFixed(2)} pixels`);
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
