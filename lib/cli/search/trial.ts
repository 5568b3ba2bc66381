import { join } from "node:path";
import { fromJson } from "../../base/files/atomic";
import { makeFolderOf } from "../../base/files/folder";
import type { TrainerEvent } from "../../protocols/events";
import type { Launch } from "../setup";
import type { Board } from "../sweeps/board";
import { LineTail } from "../sweeps/line-tail";
import type { NotebookEvent } from "../sweeps/notebooks";
import type { Outcome } from "../sweeps/queue";
import { lastWords } from "../sweeps/trainings";
import type { Point } from "./space";
import type { Study } from "./study";

const LOOK_EVERY_MS = 200;

/** A trial to run. */
export interface Trial {
  number: number;
  /** The name, such as `trial-0007`. */
  name: string;
  params: Point;
}

/** A program to run. */
export interface Command {
  command: string;
  args: readonly string[];
  env: NodeJS.ProcessEnv;
}

/** The settings that all trials of a search share. */
export interface TrialSetting {
  study: Study;
  metric: string;
  direction: "minimize" | "maximize";
  /** The search's folder. */
  folder: string;
  /** Returns the program that runs one trial. */
  commandOf(trial: Trial): Command;
  board: Board;
  launch: Launch;
  /** Aborted when the user interrupts the search. */
  signal: AbortSignal;
}

/** Returns the name of a trial, which names its run folder, its notebook and its row in tables. */
export const trialName = (number: number) => `trial-${String(number).padStart(4, "0")}`;

/**
 * Runs one trial in its own process. Each validation's metric goes to Optuna's pruner; a pruned trial is interrupted as
 * by Ctrl-C, so that it saves and ends. The trial's value is the one that it recorded under the metric's name, or else
 * the best of its validations.
 */
export async function runTrial(trial: Trial, setting: TrialSetting): Promise<Outcome> {
  const { study, metric, board, signal, folder, launch } = setting;
  const { number, name, params } = trial;
  const began = performance.now();
  const watch = new Watch(trial, setting);
  const events = join(folder, "events", `${name}.jsonl`);
  makeFolderOf(events);
  const tail = new LineTail(events, (line) => {
    const event = fromJson<TrainerEvent>(line);
    if (event) watch.onEvent(event);
  });
  const timer = setInterval(() => tail.read(), LOOK_EVERY_MS);
  const { command, args, env } = setting.commandOf(trial);
  const { code, output } = await launch(command, args, {
    onStart: () => board.begin(name),
    env: { ...env, GRADBOOK_EVENTS: events },
    signal: watch.pruned.signal,
    onLine: (line) => watch.onLine(line),
  }).finally(() => clearInterval(timer));
  tail.read();
  await watch.reports;
  const seconds = (performance.now() - began) / 1000;
  const base = { name, seconds, attempts: 1, facts: { ...factsOf(params) } };
  const end = (outcome: Outcome) => {
    board.end(outcome);
    return outcome;
  };
  if (code !== 0 && watch.pruned.signal.aborted) {
    await study.tell(number, "pruned");
    return end({ ...base, ending: "pruned" });
  }
  if (code !== 0 && (signal.aborted || code === 130 || code === null)) {
    await study.again(number);
    return end({ ...base, ending: "interrupted" });
  }
  const { value } = watch;
  if (code === 0 && value !== undefined) {
    await study.tell(number, "completed", value);
    return end({ ...base, ending: "completed", facts: { [metric]: value, ...base.facts } });
  }
  await study.tell(number, "failed");
  const problem = `${name}: ${code === 0 ? watch.missing : watch.problem || lastWords(output)}`;
  return end({ ...base, ending: "failed", problem });
}

type FitStart = Extract<TrainerEvent, { event: "fit_start" }>;

/** Follows a trial's process: its validations, its recorded value and its error. */
class Watch {
  readonly pruned = new AbortController();
  /** Resolves when every report has been answered. */
  reports: Promise<void> = Promise.resolve();
  /** The failing cell of a notebook. */
  problem = "";
  private values: { folder: string; step: number; value: number }[] = [];
  /** The folder of the run that trains. */
  private folder = "";
  private readonly names = new Set<string>();
  private recorded: unknown;
  private steps = 1;

  constructor(
    private readonly trial: Trial,
    private readonly setting: TrialSetting,
  ) {}

  onEvent(event: TrainerEvent): void {
    const { board, metric } = this.setting;
    const { name } = this.trial;
    if (event.event === "fit_start") this.begin(event);
    if (event.event === "step") board.at(name, event.step / this.steps);
    if (event.event !== "validation") return;
    for (const key of Object.keys(event)) this.names.add(key);
    const value = event[metric];
    if (typeof value !== "number" || !Number.isFinite(value)) return;
    this.values.push({ folder: this.folder, step: event.step, value });
    board.note(name, `epoch ${event.epoch + 1}  ${metric} ${value.toPrecision(4)}`);
    this.report(this.values.length, value);
  }

  /** Forgets the validations after the checkpoint from which a run continues, as after the loss of a node. */
  private begin({ folder, max_epochs, steps_per_epoch, resumed }: FitStart): void {
    this.steps = max_epochs * steps_per_epoch;
    this.folder = folder;
    if (resumed !== undefined)
      this.values = this.values.filter((known) => known.folder !== folder || known.step <= resumed);
  }

  /** Reads the lines of a notebook's run: cells, recorded values, and an error. */
  onLine(line: string): void {
    const { board, metric } = this.setting;
    const told = fromJson<NotebookEvent>(line);
    if (told?.cell && told.of) board.now(this.trial.name, `cell ${told.cell} of ${told.of}`);
    if (told?.record && metric in told.record) this.recorded = told.record[metric];
    if (told?.error) this.problem = `code cell ${told.error.cell}: ${told.error.text}`;
  }

  /** The value of the trial; undefined when it reported none. */
  get value(): number | undefined {
    if (typeof this.recorded === "number" && Number.isFinite(this.recorded)) return this.recorded;
    if (this.values.length === 0) return undefined;
    const values = this.values.map(({ value }) => value);
    return this.setting.direction === "minimize" ? Math.min(...values) : Math.max(...values);
  }

  /** Returns the reason why there is no value. */
  get missing(): string {
    const { metric } = this.setting;
    const numbers = [...this.names].filter((name) => !["event", "time", "epoch", "step"].includes(name));
    const there = numbers.length > 0 ? `its validations have ${numbers.join(", ")}` : "it had no validation";
    return `reported no finite ${metric}: ${there}; give one of those as --metric, or record({ ${metric}: ... }) in the notebook`;
  }

  /** The epoch, counted from 1, like Hyperband's resources. */
  private report(step: number, value: number): void {
    const { study } = this.setting;
    this.reports = this.reports.then(async () => {
      if (await study.report(this.trial.number, step, value)) this.pruned.abort();
    });
  }
}

const factsOf = (params: Point) =>
  Object.fromEntries(
    Object.entries(params).map(([name, value]) => [name, typeof value === "number" ? value : String(value)]),
  );
