import { join } from "node:path";
import { type Command, InvalidArgumentError, Option } from "commander";
import { positive } from "./arguments";
import { runBatch } from "./batch";
import { addPlacement, clusterOf, type PlacementFlags, type Share, shareOption } from "./sweeps/placement";
import { planTrainings, runTraining } from "./sweeps/trainings";
import { AbbreviatedCommand } from "./train/abbreviated";
import { trainOptions } from "./train/command";
import { readFlags } from "./train/read-flags";

/** Flags that differ between models, so that they cannot be given for all. */
const OWN = ["model_config", "experiment_name", "ckpt_path", "gpu_ids", "num_gpus", "overwrite"];

interface Options extends PlacementFlags {
  array?: Share;
  config?: string;
  jobs: number;
  devices: number[];
  keep_going: boolean;
  [flag: string]: unknown;
}

/** `gradbook train-all`: trains several models, one or several at a time. */
export function trainAllCommand(): Command {
  const command = new AbbreviatedCommand("train-all")
    .description("train several models; completed runs are not run again")
    .argument("<models...>", "the models' YAML files; each names its run")
    .addOption(new Option("-j, --jobs <n>", "how many at a time").argParser(positive).default(1))
    .addOption(
      new Option("--devices <ids>", "GPUs to share among them, such as 0,1").argParser(numbers).default([]),
    )
    .addOption(new Option("--keep_going", "train the others after a failure").default(false))
    .addOption(new Option("--config <file>", "a YAML file with any of the flags below"));
  addPlacement(command).addOption(shareOption());
  for (const option of trainOptions(OWN)) command.addOption(option);
  return command.action(async (models: string[], options: Options) => {
    process.exitCode = await trainAll(models, options);
  });
}

async function trainAll(
  models: readonly string[],
  {
    config,
    jobs,
    devices,
    keep_going,
    array,
    on,
    partition,
    time,
    sbatch,
    arrayParallelism,
    ...words
  }: Options,
): Promise<number> {
  const { checkpoint_dir, project_name = "" } = readFlags(words, config);
  const folder = join(checkpoint_dir, project_name);
  const trainings = planTrainings(models, folder);
  const given = Object.entries(words).flatMap(([name, word]) =>
    word === true ? [`--${name}`] : [`--${name}`, String(word)],
  );
  const command = [process.argv[1]!, "train", ...(config ? ["--config", config] : []), ...given];
  const cluster = clusterOf({ on, partition, time, sbatch, arrayParallelism }, "gradbook train-all", folder);
  // Each task of a cluster has the cores and the GPUs that the cluster gives it.
  const resources = cluster
    ? { jobs: 1, gpus: [], restarts: true }
    : { jobs, gpus: devices, restarts: false };
  return runBatch(
    trainings,
    (job, { slot, board, launch }) => runTraining(job, slot, { board, command, launch, ...resources }),
    { folder, jobs, keepGoing: keep_going, share: array, cluster },
  );
}

function numbers(text: string): number[] {
  if (/^\d+(,\d+)*$/.test(text)) return text.split(",").map(Number);
  throw new InvalidArgumentError("must be numbers of GPUs, such as 0,1.");
}
