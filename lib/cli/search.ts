import { existsSync } from "node:fs";
import { basename, extname, join, relative, resolve } from "node:path";
import { Command, Option } from "commander";
import { ConfigError } from "../base/config";
import { writeAtomically } from "../base/files/atomic";
import { makeFolder } from "../base/files/folder";
import { Lock } from "../base/files/lock";
import { lowerIsBetter } from "../plots/metric-words";
import { positive, whole } from "./arguments";
import { interruptible, printProblems } from "./batch";
import { lockOf, storageOf } from "./search/files";
import { notebookTrials } from "./search/notebook-trials";
import { studyPage } from "./search/page";
import { bestTable, countsOf, trialsCsv } from "./search/results";
import { search, trialsLeft } from "./search/search";
import { readSpace, type Space } from "./search/space";
import { PRUNERS, SAMPLERS, Study, type StudyOptions } from "./search/study";
import type { Trial, TrialSetting } from "./search/trial";
import { defaultProject, runChild, searchStep, setUp, setupSteps } from "./setup";
import { Board } from "./sweeps/board";
import { addPlacement, clusterOf, type PlacementFlags, type Share, shareOption } from "./sweeps/placement";
import { exitCodeOf } from "./sweeps/queue";
import type { SlurmArrays } from "./sweeps/slurm-array";
import { coresOf } from "./sweeps/trainings";
import { trainingMetric, trainingTrials } from "./train/search-trials";

interface Options
  extends PlacementFlags,
    Pick<StudyOptions, "sampler" | "pruner" | "startup" | "warmup" | "seed"> {
  space: string;
  trials: number;
  metric?: string;
  direction?: StudyOptions["direction"];
  jobs: number;
  timeout?: number;
  out?: string;
  array?: Share;
}

/** `gradbook search`: searches for the best parameters of a notebook or a configuration with Optuna. */
export function searchCommand(): Command {
  const choice = (flags: string, help: string, choices: readonly string[]) =>
    new Option(flags, help).choices(choices);
  const command = new Command("search")
    .description("search for the best parameters with Optuna; repeat the command to continue the study")
    .argument("<what>", "a notebook with a `parameters` cell, or a YAML file with flags of gradbook train")
    .requiredOption("--space <file>", "a YAML file with the values of each parameter")
    .option("--trials <n>", "the total number of trials", positive, 50)
    .option(
      "--metric <name>",
      "a metric of the validations, or one that the notebook records (default: val_bps_overall, or val_corr_overall if a configuration's responses or losses are not of counts)",
    )
    .addOption(
      choice(
        "--direction <which>",
        "the best value: the lowest or the highest (default: minimize for losses and errors)",
        ["minimize", "maximize"],
      ),
    )
    .addOption(choice("--sampler <name>", "the method that proposes parameters", SAMPLERS).default("tpe"))
    .addOption(choice("--pruner <name>", "the method that ends bad trials early", PRUNERS).default("median"))
    .option("--startup <n>", "the number of completed trials before the median pruner starts", whole, 5)
    .option("--warmup <n>", "the number of first epochs in which the median pruner ends no trial", whole, 0)
    .option("--seed <n>", "the seed of the sampler", whole, 0)
    .option("-j, --jobs <n>", "the number of trials that run at a time", positive, 1)
    .option("--timeout <seconds>", "start no trial after this time", positive)
    .option("--out <folder>", "the folder for the study and its trials (default: runs/search-<what>)")
    .addOption(shareOption("run a part of the trials"));
  return addPlacement(command).action(async (what: string, options: Options) => {
    process.exitCode = await run(what, options);
  });
}

async function run(what: string, { space: spaceFile, out, ...options }: Options): Promise<number> {
  if (!existsSync(what)) throw new ConfigError(what, [{ path: "", message: "no such file; check the path" }]);
  const space = readSpace(spaceFile, options.sampler === "grid");
  const project = defaultProject();
  await setUp([...setupSteps(project), searchStep(project)]);
  const folder = resolve(out ?? join("runs", `search-${stemOf(what)}`));
  const restarts = options.on !== undefined;
  const commandOf = await trialsOf(what, { project, space, spaceFile, folder, restarts });
  const metric = options.metric ?? (await metricOf(what, space));
  makeFolder(folder);
  const storage = storageOf(folder, options);
  const lock = Lock.take(lockOf(folder, options), relative(process.cwd(), folder), "give another --out");
  try {
    const cluster = clusterOf(options, "gradbook search", folder);
    return await searchIn(folder, {
      cluster,
      storage,
      project,
      title: stemOf(what),
      space,
      commandOf,
      ...options,
      metric,
    });
  } finally {
    lock.release();
  }
}

interface Prepared extends Omit<Options, "space" | "out" | "metric"> {
  storage: string;
  metric: string;
  project: string;
  title: string;
  space: Space;
  commandOf: TrialSetting["commandOf"];
  cluster: SlurmArrays | undefined;
}

/** Runs the remaining trials, and writes the page and the tables. @returns the exit code */
async function searchIn(
  folder: string,
  { project, title, storage, space, commandOf, trials, jobs, timeout, cluster, array, ...how }: Prepared,
): Promise<number> {
  const { metric, direction = lowerIsBetter(metric) ? "minimize" : "maximize" } = how;
  const { sampler, pruner, startup, warmup, seed } = how;
  const aim = { metric, direction };
  const tuning = { sampler, pruner, startup, warmup, seed };
  const study = await Study.open(project, { ...aim, ...tuning, space, storage, share: array });
  try {
    const limits = { trials, jobs: how.arrayParallelism ?? jobs, timeout, share: array };
    const board = new Board(trialsLeft({ study }, limits));
    const shared = { study, ...aim, folder, board, launch: cluster?.run ?? runChild };
    const commandWithCores = (trial: Trial) =>
      cluster ? commandOf(trial) : withCores(commandOf(trial), jobs);
    const { outcomes, interrupted } = await interruptible(
      (signal) => search({ ...shared, signal, commandOf: commandWithCores }, limits),
      { board, cluster },
    );
    printProblems(outcomes);
    const results = await study.results();
    const page = join(folder, "study.html");
    writeAtomically(page, [studyPage(title, results, aim, space)]);
    writeAtomically(join(folder, "trials.csv"), [trialsCsv(results)]);
    const where = (file: string) => relative(process.cwd(), join(folder, file));
    const counts = countsOf(results) || "no trial has ended";
    console.log(
      `\n${bestTable(results, aim)}\n\n${counts}\ntrials  ${where("trials.csv")}\npage    ${where("study.html")}`,
    );
    return interrupted ? 130 : exitCodeOf(outcomes);
  } finally {
    await study.close();
  }
}

const isConfiguration = (what: string) => [".yaml", ".yml"].includes(extname(what));

/** Returns the metric to optimise when none is given. */
const metricOf = async (what: string, space: Space): Promise<string> =>
  isConfiguration(what) ? trainingMetric(what, space) : "val_bps_overall";

const stemOf = (file: string) => basename(file, extname(file));

/** Returns the program that runs one trial. */
async function trialsOf(
  what: string,
  at: { project: string; space: Space; spaceFile: string; folder: string; restarts: boolean },
): Promise<TrialSetting["commandOf"]> {
  if (extname(what) === ".ipynb") return notebookTrials(at.project, resolve(what), at.space, at.folder);
  if (isConfiguration(what)) return trainingTrials(what, at);
  throw new ConfigError(what, [
    { path: "", message: "must be a notebook (.ipynb) or a configuration (.yaml)" },
  ]);
}

const withCores = <C extends { env: NodeJS.ProcessEnv }>(command: C, jobs: number): C => ({
  ...command,
  env: { ...command.env, ...coresOf(jobs) },
});
