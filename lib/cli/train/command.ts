import { relative } from "node:path";
import { type Command, Option } from "commander";
import type { Screen } from "../../base/terminal/bottom-line";
import { ProgressLine } from "../../callbacks/progress";
import { clusterEnvironment } from "../../distributed/cluster-environment";
import type { Observer, Stopped, TrainerEvent } from "../../protocols/events";
import { Trainer } from "../../trainer/trainer";
import { deferExperiment } from "../../twin/defer-experiment";
import { AbbreviatedCommand } from "./abbreviated";
import { callbacksOf } from "./callbacks";
import { FLAGS, type Flag, type TrainFlags } from "./flags";
import { withImportedCheckpoint } from "./imported";
import { writeLightningCopies } from "./lightning-copies";
import { planOf } from "./plan";
import { readFlags } from "./read-flags";

const HINT = "To continue from here, give the same command with --ckpt_path last.";

/** The progress of `gradbook train`: the size of the run once, then its progress line. */
export class TrainProgress implements Observer {
  private readonly line: ProgressLine;

  /** @param out the stream for the output */
  constructor(private readonly out: Screen = process.stderr) {
    this.line = new ProgressLine({ out, hint: HINT });
  }

  observe(event: TrainerEvent): void {
    if (event.event === "fit_start") {
      const { name, parameters, max_epochs, steps_per_epoch } = event;
      this.out.write(`${name}: ${parameters} parameters, ${max_epochs} epochs of ${steps_per_epoch} steps\n`);
    }
    this.line.observe(event);
  }

  /** Restores the terminal, also after a run that failed. */
  close(): void {
    this.line.close();
  }
}

/** The exit codes, by the reason why the run ended. Bad input is always 2. */
export const EXIT: Record<Stopped, number> = {
  completed: 0,
  early: 0,
  time: 0,
  diverged: 3,
  interrupted: 130,
};

/** `gradbook train`: one run, from configuration files and flags. */
export function trainCommand(): Command {
  const command = new AbbreviatedCommand("train")
    .description(
      "train a model on recording sessions; exit code 0: completed, 2: bad input, 3: diverged, 130: interrupted",
    )
    .addOption(CONFIG)
    .addOption(PROGRESS);
  for (const option of trainOptions()) command.addOption(option);
  return command.action(async ({ config, progress, ...words }: RunWords) => {
    process.exitCode = await train(readFlags(words, config), config ?? "gradbook train", progress);
  });
}

/** The parsed words of a command that trains: flags by their names, and how it reads and reports. */
export interface RunWords {
  config?: string;
  progress: "auto" | "json";
  [flag: string]: unknown;
}

/** The flag that names a YAML file of flags. */
export const CONFIG = new Option(
  "--config <file>",
  "a YAML file with any of these flags; command-line flags override the file",
);

/** The flag that selects how progress is shown. */
export const PROGRESS = new Option(
  "--progress <how>",
  "auto: a progress bar or lines of text; json: every event as a line of JSON",
)
  .choices(["auto", "json"])
  .default("auto");

/**
 * Returns the flags of `train` as commander's options. Omitted flags are left to the schema's defaults and to `--config`.
 *
 * @param leftOut the names of flags that a command does not have
 * @param more flags that only this command has
 * @param defaults the defaults that differ from those of the schemas
 */
export function trainOptions(
  leftOut: readonly string[] = [],
  more: Readonly<Record<string, Flag>> = {},
  defaults: Readonly<Record<string, unknown>> = {},
): Option[] {
  const flags = Object.entries<Flag>({ ...FLAGS, ...more }).filter(([name]) => !leftOut.includes(name));
  return flags.map(([name, { group, value, help, schema }]) => {
    const standard = name in defaults ? defaults[name] : schema.safeParse(undefined).data;
    const said = standard === undefined || standard === false ? "" : ` (default: ${standard})`;
    const option = new Option(`--${name}${value ? ` <${value}>` : ""}`, `${help}${value ? said : ""}`);
    return option.helpGroup(`${group}:`);
  });
}

/** Trains by checked flags. @param where names the flags' origin, for errors @returns the exit code */
export async function train(flags: TrainFlags, where: string, progress: "auto" | "json"): Promise<number> {
  const plan = withImportedCheckpoint(planOf(flags, where));
  for (const note of plan.notes) console.warn(note);
  const experiment = await deferExperiment(plan.experiment);
  const watching = progress === "json" ? new JsonLines() : new TrainProgress();
  try {
    const callbacks = [...callbacksOf(flags, experiment.monitor), watching];
    const run = await new Trainer({ ...plan.trainer, callbacks }).fit(experiment);
    const isFirst = !clusterEnvironment(process.env)?.rank;
    if (flags.checkpoint_filename !== undefined && isFirst) {
      const note = writeLightningCopies(run.folder, plan.experiment.sessions);
      if (note) console.warn(note);
    }
    if (progress === "auto")
      console.log(`${run}`.replace(run.folder, relative(process.cwd(), run.folder) || "."));
    return EXIT[run.stopped];
  } finally {
    watching.close();
  }
}

class JsonLines implements Observer {
  observe(event: TrainerEvent): void {
    console.log(JSON.stringify(event));
  }

  close(): void {}
}
