import type { Bad } from "./bad";
import type { Callback } from "./callback";
import { restoreStates, statesOf } from "./callback-states";
import { loadCheckpoint, type NamedVariables, readCheckpoint, saveCheckpoint } from "./checkpoint";
import type { FeedPosition } from "./feed";
import type { TrainingModule } from "./module";
import type { CheckedOptions } from "./options";
import type { Progress } from "./progress";
import { variablesOf } from "./run";
import type { Step } from "./step";

/** All of a fit that a checkpoint keeps. */
export interface Saved {
  readonly module: TrainingModule;
  readonly options: CheckedOptions;
  readonly compiled: Step;
  readonly callbacks: readonly Callback[];
  readonly progress: Progress;
  readonly bad: Bad;
}

/** Writes a checkpoint of this moment. @throws ConfigError when a value is not finite */
export function saveFit(path: string, fit: Saved, feed: FeedPosition): void {
  const { module, options, callbacks, progress, bad } = fit;
  const { callbacks: _, signal: __, ...trainer } = options;
  const state = {
    ...{ format: 1 as const, seed: options.seed, ...progress.state() },
    ...{ feed: { ...feed }, bad: bad.state(), callbacks: statesOf(callbacks) },
    ...(module.datasets ? { datasets: module.datasets } : {}),
    config: { trainer, ...module.config },
  };
  saveCheckpoint(path, variables(fit), state, { finite: true });
}

/** Puts a fit where it was at a checkpoint. @returns its place in the data. @throws as `loadCheckpoint` does */
export function restoreFit(path: string, fit: Saved): FeedPosition {
  restoreStates(fit.callbacks, readCheckpoint(path).state.callbacks);
  const state = loadCheckpoint(path, variables(fit));
  fit.progress.restore(state);
  fit.bad.restore(state.bad);
  return state.feed;
}

/** The callbacks' come last: an average of the weights is saved in their place. */
function variables({ module, compiled, callbacks }: Saved): NamedVariables {
  const theirs = callbacks.flatMap((callback) => [...(callback.variables?.(module) ?? [])]);
  return new Map([...variablesOf(module), ...compiled.state(), ...theirs]);
}
