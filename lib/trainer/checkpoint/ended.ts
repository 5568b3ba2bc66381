import type { Callback } from "../../protocols/callback";
import type { Stopped } from "../../protocols/events";
import type { TrainingModule } from "../../protocols/module";
import type { CheckedOptions } from "../options";
import { keyOf } from "./callback-states";
import type { CheckpointState, Ended } from "./state";

/** Options that do not change how a run continues. */
const BESIDE = [
  "name",
  "dir",
  "overwrite",
  "resume",
  "maxEpochs",
  "maxSteps",
  "maxRestarts",
  "watchdog",
  "fastDevRun",
];

/**
 * @returns undefined for a run that was interrupted, or that has trained all of its epochs, because more epochs may
 * follow
 */
export function endedBy(
  stopped: Stopped,
  callback: Callback | undefined,
  callbacks: readonly Callback[],
): Ended | undefined {
  if (stopped === "interrupted" || (stopped === "completed" && !callback)) return undefined;
  if (!callback) return { stopped };
  return { stopped, by: { key: keyOf(callback, callbacks), options: callback.recipe?.options ?? null } };
}

/**
 * Whether a run that ended by itself would end again immediately: the callback that ended it still has the same
 * options, or, if the trainer ended it, the options of the trainer and the module are unchanged.
 */
export function isOver(
  { ended, config }: Pick<CheckpointState, "ended" | "config">,
  now: { callbacks: readonly Callback[]; options: CheckedOptions; module: TrainingModule },
): boolean {
  if (!ended) return false;
  const { by } = ended;
  if (!by) return same(deciding(config), deciding(configOf(now)));
  return now.callbacks.some(
    (callback) =>
      keyOf(callback, now.callbacks) === by.key && same(callback.recipe?.options ?? null, by.options),
  );
}

/** Returns the configuration that a checkpoint records. */
export function configOf({ options, module }: { options: CheckedOptions; module: TrainingModule }) {
  const { callbacks: _, signal: __, ...trainer } = options;
  return { trainer, ...module.config };
}

/** Returns the message for a run that is not trained further. */
export function whyOver({ stopped, by }: Ended): string {
  const [name, monitor, mode] = by ? (JSON.parse(by.key) as [string, ...(string | null)[]]) : [];
  const kind = [monitor, mode].filter(Boolean).join(", ");
  const who = name ? ` by ${name}${kind ? ` (${kind})` : ""}` : "";
  const change = name ? `an option of ${name}` : "an option of the trainer";
  return `the run had ended (${stopped}${who}), so it is not trained further; to continue, change ${change}, or resume from an earlier checkpoint by its path`;
}

function deciding(config: unknown): unknown {
  const { trainer, ...rest } = (config ?? {}) as { trainer?: Record<string, unknown> };
  const kept = Object.entries(trainer ?? {}).filter(([key]) => !BESIDE.includes(key));
  return { ...rest, trainer: Object.fromEntries(kept) };
}

/** Converts a value to the JSON that a checkpoint holds. */
const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);
