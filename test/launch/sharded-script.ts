import { writeFileSync } from "node:fs";
import { ModelCheckpoint } from "../../lib/callbacks/model-checkpoint";
import { Trainer } from "../../lib/trainer/trainer";
import { loadExperiment } from "../../lib/twin/experiment";

/*
 * A user's script: `node sharded-script.ts OPTIONS`, where the options are `files`, those of the experiment, and those of the trainer. It
 * writes the sessions that it loaded, and the history, to the file `result`.
 */
const { files, result, ...options } = JSON.parse(process.argv[2]!);

async function main(): Promise<void> {
  const module = await loadExperiment({ ...files, shard: "sessions" });
  const callbacks = [new ModelCheckpoint({ monitor: "val_bps_overall", mode: "max", saveTopK: 1 })];
  const { history } = await new Trainer({ ...options, callbacks }).fit(module);
  const sessions = module.sessions.map(({ name }) => name);
  writeFileSync(result, JSON.stringify({ sessions, history }));
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
