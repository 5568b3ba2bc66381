import type { Callback, FitContext } from "../../protocols/callback";
import type { NamedVariables, TrainingModule } from "../../protocols/module";
import type { WholeState } from "../distributed/whole-state";
import type { CheckedOptions } from "../options";
import type { Progress } from "../progress";
import { variablesOf } from "../run";
import type { NonFiniteGuard } from "../step/non-finite";
import type { TrainingStep } from "../step/step";
import { restoreStates, statesOf } from "./callback-states";
import { loadCheckpoint, noteEnd, readState, saveCheckpoint } from "./checkpoint";
import { configOf, isOver, whyOver } from "./ended";
import { checkpointsIn, latest } from "./resume";
import { convertPosition } from "./resume-position";
import type { Batching, BatchPosition, CheckpointState, Ended } from "./state";

/** The parts of a fit that a checkpoint stores. */
export interface Saved extends FitContext {
  readonly module: TrainingModule;
  readonly options: CheckedOptions;
  readonly compiled: TrainingStep;
  readonly callbacks: readonly Callback[];
  readonly progress: Progress;
  readonly guard: NonFiniteGuard;
  /** The seconds of training, over all resumptions. */
  readonly seconds: number;
  readonly ended: Ended | undefined;
  readonly whole: WholeState;
}

/** The position from which a fit continues. */
export interface Restored {
  /** The position in the data. */
  readonly feed: BatchPosition;
  /** The seconds of training before this fit. */
  readonly seconds: number;
  /** The reason why the run is not trained further; undefined if it is. */
  readonly over: Ended | undefined;
  /** Warnings about settings that are probably unintended, or that cannot continue unchanged. */
  readonly warnings: readonly string[];
}

/**
 * Writes a checkpoint of the current state, in rank 0.
 *
 * @returns a warning when the file could not be written, or a value is not finite
 */
export function saveFit(path: string, fit: Saved, feed: BatchPosition): string | undefined {
  const arrays = fit.whole.gather(variables(fit));
  if (!arrays) return undefined;
  try {
    saveCheckpoint(path, arrays, stateOf(fit, feed), { finite: true });
    return undefined;
  } catch (error) {
    return `${path} was not written (${(error as Error).message}); the run continues, and earlier checkpoints are intact`;
  }
}

function stateOf(fit: Saved, feed: BatchPosition): CheckpointState {
  const { module, options, callbacks, progress, guard, seconds, ended } = fit;
  return {
    format: 1,
    seed: options.seed,
    ...progress.state(),
    feed: { ...feed },
    batching: batchingOf(fit),
    seconds,
    bad: guard.state(),
    callbacks: statesOf(callbacks),
    ...(module.datasets ? { datasets: module.datasets } : {}),
    ...(ended ? { ended } : {}),
    config: configOf(fit),
  };
}

/** Restores a fit to the state of a checkpoint. @throws the errors of `loadCheckpoint` */
export function restoreFit(path: string, fit: Saved): Restored {
  const { callbacks, progress, guard, compiled, whole } = fit;
  // Restored first, because the state of a callback determines the names of its variables.
  const unmatched = restoreStates(callbacks, readState(path).callbacks, fit);
  const state = loadCheckpoint(path, variables(fit), { partOf: (name, array) => whole.partOf(name, array) });
  progress.restore(state);
  guard.restore(state.bad);
  const { feed, within, dropsGradients, warnings } = convertPosition(
    state,
    batchingOf(fit),
    fit.source.trainBatchCount?.(fit.batchSize, fit.worldSize),
  );
  progress.within = { ...within };
  if (dropsGradients) compiled.dropAccumulated();
  const over = isOver(state, fit) ? state.ended : undefined;
  const all = [...unmatched, ...warnings, ...(over ? [whyOver(over)] : [])];
  return { feed, seconds: state.seconds ?? 0, over, warnings: all };
}

/**
 * Writes the reason of the run's end into its latest checkpoint, if no checkpoint was written at the end.
 *
 * @returns a warning when that failed
 */
export function noteEndOf({ checkpoints, options }: Saved, ended: Ended): string | undefined {
  const path = latest(checkpointsIn(checkpoints, options.name).found);
  try {
    if (path) noteEnd(path, ended);
    return undefined;
  } catch (error) {
    return `${path}: the reason of the run's end was not written (${(error as Error).message})`;
  }
}

function batchingOf({ options, stepsPerEpoch, batchSize, worldSize }: Saved): Batching {
  const { accumulateGradBatches: perStep, overfitBatches, seed } = options;
  return { batchSize, worldSize, perStep, stepsPerEpoch, overfitBatches, seed };
}

/** The callbacks' variables come last: an average of the weights is saved in place of the weights. */
function variables({ module, compiled, callbacks }: Saved): NamedVariables {
  const theirs = callbacks.flatMap((callback) => [...(callback.variables?.(module) ?? [])]);
  return new Map([...variablesOf(module), ...compiled.state(), ...theirs]);
}
