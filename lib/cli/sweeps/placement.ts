import { type Command, InvalidArgumentError, Option } from "commander";
import { ConfigError } from "../../base/config";
import { positive } from "../arguments";
import { SlurmArrays } from "./slurm-array";

/** A part of a batch: jobs number `index`, `index + of`, and so on. */
export interface Share {
  readonly index: number;
  readonly of: number;
}

/** The flags that say where the jobs of a batch run. */
export interface PlacementFlags {
  on?: "slurm";
  partition?: string;
  time?: string;
  sbatch?: string;
  arrayParallelism?: number;
}

/** Adds the flags that say where the jobs of a batch run. */
export function addPlacement(command: Command): Command {
  return command
    .addOption(
      new Option("--on <cluster>", "run each job as a task of one array of this cluster").choices(["slurm"]),
    )
    .option("--partition <name>", "with --on slurm: the partition")
    .option("--time <limit>", "with --on slurm: the time limit of a task, such as 2:00:00")
    .option("--sbatch <options>", "with --on slurm: more options of sbatch, such as '--gpus=1 --mem=16G'")
    .option("--array-parallelism <n>", "with --on slurm: the number of tasks that run at a time", positive);
}

/**
 * Returns the flag that runs a part of a batch, for other schedulers.
 *
 * @param what the description of the part
 */
export const shareOption = (what = "run only jobs i, i + n, i + 2n, ... (from 0)"): Option =>
  new Option("--array <i/n>", `${what}, as task i of n of any scheduler`).argParser((text): Share => {
    const [, index, of] = /^(\d+)\/(\d+)$/.exec(text) ?? [];
    if (index === undefined || Number(index) >= Number(of))
      throw new InvalidArgumentError(
        "must be a task's number and the number of tasks, from 0/n to (n - 1)/n.",
      );
    return { index: Number(index), of: Number(of) };
  });

/**
 * Returns the cluster that the flags name; undefined for this machine.
 *
 * @param folder the folder of the batch
 * @throws ConfigError for flags of a cluster without one, and when an earlier batch in the folder still runs there
 */
export function clusterOf(flags: PlacementFlags, command: string, folder: string): SlurmArrays | undefined {
  const { on, partition, time, sbatch, arrayParallelism: parallelism } = flags;
  if (on) {
    const options = [
      ...(partition === undefined ? [] : [`--partition=${partition}`]),
      ...(time === undefined ? [] : [`--time=${time}`]),
      ...(sbatch?.split(/\s+/).filter(Boolean) ?? []),
    ];
    return new SlurmArrays({
      folder,
      sbatch: options,
      ...(parallelism === undefined ? {} : { parallelism }),
    });
  }
  const given = Object.entries({ partition, time, sbatch, "array-parallelism": parallelism });
  const problems = given
    .filter(([, value]) => value !== undefined)
    .map(([path]) => ({ path: `--${path}`, message: "needs --on slurm" }));
  if (problems.length > 0) throw new ConfigError(command, problems);
  return undefined;
}
