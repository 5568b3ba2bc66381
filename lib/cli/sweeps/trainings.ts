import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { basename, extname, join } from "node:path";
import { ConfigError, type Problem } from "../../base/config";
import { fromJson } from "../../base/files/atomic";
import { TrainingStatus } from "../../callbacks/training-status";
import { openRun } from "../../evaluation/report/open-run";
import type { TrainerEvent } from "../../protocols/events";
import type { Launch } from "../setup";
import type { Board } from "./board";
import type { Ending, Outcome } from "./queue";

/** One model to train. */
export interface TrainingJob {
  /** The name of the run's folder. */
  name: string;
  /** The model's YAML file. */
  config: string;
  /** The run's folder. */
  folder: string;
}

/** Plans the trainings of several models. @throws ConfigError for a file that is missing, or two models of one name */
export function planTrainings(configs: readonly string[], folder: string): TrainingJob[] {
  const jobs = configs.map((config) => {
    const name = basename(config, extname(config));
    return { name, config, folder: join(folder, name) };
  });
  const problems = jobs.flatMap(({ name, config }, i): Problem[] => {
    if (!existsSync(config)) return [{ path: config, message: "no such file; check the path" }];
    const first = jobs.findIndex((other) => other.name === name);
    if (first === i) return [];
    const message = `has the same name as ${jobs[first]!.config}; a run is named after the file of its model`;
    return [{ path: config, message }];
  });
  if (problems.length > 0) throw new ConfigError("gradbook train-all", problems);
  return jobs;
}

/** The options that all trainings of a batch share. */
export interface TrainingOptions {
  board: Board;
  /** The command that trains, with the flags that all trainings share. */
  command: readonly string[];
  /** The number of trainings that run at the same time, and the GPUs that they share. */
  jobs: number;
  gpus: readonly number[];
  launch: Launch;
  /** Whether the cluster may start the same program again, which then continues from its last checkpoint. */
  restarts: boolean;
}

/** Trains one model in its own process. A completed run is not run again. */
export async function runTraining(
  job: TrainingJob,
  slot: number,
  { board, command, jobs, gpus, launch, restarts }: TrainingOptions,
): Promise<Outcome> {
  const { name, config } = job;
  const before = earlier(job.folder);
  if (before && COMPLETED.includes(before.stopped ?? "")) {
    const outcome: Outcome = { name, ending: "skipped", seconds: 0, attempts: 0, facts: before.facts };
    board.end(outcome);
    return outcome;
  }
  const began = performance.now();
  const own = gpus.filter((_, i) => i % jobs === slot);
  const flags = [
    "--model_config",
    config,
    "--experiment_name",
    name,
    "--progress",
    "json",
    ...(own.length > 0 ? ["--gpu_ids", own.join(",")] : []),
    ...(before || restarts ? (AGAIN[before?.stopped ?? "interrupted"] ?? []) : []),
  ];
  const status = new TrainingStatus();
  const { code, output } = await launch(process.execPath, [...command, ...flags], {
    onStart: () => board.begin(name),
    env: { ...process.env, ...coresOf(jobs) },
    onLine(line) {
      const event = fromJson<TrainerEvent>(line);
      if (!event?.event) return;
      status.observe(event);
      const report = (width: number) => status.line(width);
      if (event.event === "step") board.now(name, report);
      if (event.event === "validation") board.note(name, report);
    },
  });
  const ending = ENDINGS[code ?? -1] ?? "failed";
  const seconds = (performance.now() - began) / 1000;
  const facts = earlier(job.folder)?.facts ?? {};
  const problem = ending === "failed" ? `${name}: ${lastWords(output)}` : undefined;
  const outcome = { name, ending, seconds, attempts: 1, facts, ...(problem ? { problem } : {}) };
  board.end(outcome);
  return outcome;
}

/** The endings after which a run is not run again. */
const COMPLETED: readonly string[] = ["completed", "early", "time"];

/** The flags with which a run continues from its last checkpoint, or starts if it has none. */
export const CONTINUED = ["--ckpt_path", "last"] as const;

/** The flags for a run that already exists. A diverged run would diverge again from its checkpoint. */
const AGAIN: Readonly<Record<string, readonly string[]>> = {
  interrupted: CONTINUED,
  diverged: ["--overwrite"],
};

/** The exit codes of `gradbook train`. */
const ENDINGS: Readonly<Record<number, Ending>> = { 0: "completed", 3: "diverged", 130: "interrupted" };

/** Returns the ending and facts of an earlier run in the folder. */
function earlier(folder: string): { stopped?: string; facts: Outcome["facts"] } | undefined {
  if (!existsSync(join(folder, "events.jsonl"))) return undefined;
  const { stopped, history, best } = openRun(folder);
  const facts = {
    epochs: history.length,
    ...(best?.monitor && best.score !== undefined ? { [best.monitor]: Number(best.score.toFixed(4)) } : {}),
  };
  return { ...(stopped ? { stopped } : {}), facts };
}

/** Trainings that run at the same time on one CPU share its cores. */
export function coresOf(jobs: number): NodeJS.ProcessEnv {
  if (jobs === 1) return {};
  return { TF_NUM_INTRAOP_THREADS: String(Math.max(1, Math.floor(availableParallelism() / jobs))) };
}

/** Returns the last twenty printed lines that are no events. */
export const lastWords = (output: string) =>
  output
    .split("\n")
    .filter((line) => !line.startsWith("{"))
    .slice(-20)
    .join("\n")
    .trim();
