import { basename, join, resolve } from "node:path";
import { Command } from "commander";
import { whole } from "./arguments";
import { runBatch } from "./batch";
import { defaultProject, setUp, setupSteps } from "./setup";
import { isCompleted, planNotebooks, recordedIn, runNotebookJob } from "./sweeps/notebooks";
import { PapermillPool, papermillBy } from "./sweeps/papermill";
import { addPlacement, clusterOf, type PlacementFlags, type Share, shareOption } from "./sweeps/placement";
import type { Outcome } from "./sweeps/queue";

interface Options extends PlacementFlags {
  array?: Share;
  parameters: string[];
  out?: string;
  jobs: number;
  retries: number;
  keepGoing: boolean;
  resume: boolean;
}

/** `gradbook run`: runs a notebook with papermill, once for every combination of parameters. */
export function runCommand(): Command {
  const command = new Command("run")
    .description("run a notebook by papermill, once for every combination of parameters")
    .argument("<notebook>", "the .ipynb file; a cell with the tag `parameters` declares its parameters")
    .option(
      "-p, --parameters <name=values>",
      "a parameter and its values: -p lr 1e-3, or -p seed 1,2,3 for one run each",
      collect,
      [],
    )
    .option(
      "--out <folder>",
      "the folder for the executed notebooks and summary.csv (default: runs/<notebook>)",
    )
    .option("-j, --jobs <n>", "the number of notebooks that run at a time", whole, 1)
    .option("--retries <n>", "the number of times that a failed notebook is run again", whole, 0)
    .option("--keep-going", "run the other notebooks after a failure", false)
    .option("--resume", "skip notebooks that are already completed in the folder", false)
    .addOption(shareOption());
  return addPlacement(command).action(async (given: string, options: Options) => {
    process.exitCode = await run(resolve(given), options);
  });
}

async function run(
  notebook: string,
  { parameters, out, retries, resume, jobs: atATime, keepGoing, array, ...placement }: Options,
): Promise<number> {
  const project = defaultProject();
  await setUp(setupSteps(project));
  const folder = resolve(out ?? join("runs", basename(notebook, ".ipynb")));
  const pool = new PapermillPool(project);
  try {
    const jobs = await planNotebooks(pool, notebook, parameters, folder);
    const cluster = clusterOf(placement, "gradbook run", folder);
    const execute = cluster ? papermillBy(cluster.run, project) : pool.run;
    return await runBatch(
      jobs,
      async (job, { left, board, signal }) => {
        if (!resume || !isCompleted(job))
          return runNotebookJob(job, { retries, left, board, signal, execute });
        const facts = { ...job.label, ...recordedIn(job) };
        const outcome: Outcome = { name: job.name, ending: "skipped", seconds: 0, attempts: 0, facts };
        board.end(outcome);
        return outcome;
      },
      { folder, jobs: atATime, keepGoing, share: array, cluster },
    );
  } finally {
    pool.close();
  }
}

const collect = (text: string, before: string[]) => [...before, text];
