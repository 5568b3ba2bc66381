import { existsSync, statfsSync } from "node:fs";
import { type Callback, monitored } from "../protocols/callback";
import type { Metrics } from "../protocols/events";
import { parameterCount, type TrainingModule } from "../protocols/module";
import { metricsOn, type Validated } from "./validation";

/** The parts of a fit that are checked before it begins. */
interface Preflight extends Validated {
  readonly callbacks: readonly Callback[];
  /** The folder for checkpoints. */
  readonly checkpoints: string;
}

/** The bytes per parameter: its weight and two moments, in float32. */
const BYTES = 12;

/**
 * Checks before the first step for faults that would otherwise appear late.
 *
 * @returns warnings about probable mistakes
 * @throws Error for a monitored metric that will never be reported, or a batch that does not fit the model
 */
export async function preflight(fit: Preflight): Promise<readonly string[]> {
  const { module, callbacks, checkpoints, compiled } = fit;
  const metrics = await firstMetrics(fit);
  for (const { monitor } of callbacks)
    if (monitor && metrics) monitored({ train_loss: 0, ...metrics }, monitor);
  const needed = 2 * BYTES * parameterCount(module);
  const imprecise = compiled.precisionProblem ? [`${compiled.precisionProblem}; it trains in float32`] : [];
  return [...imprecise, ...unmatched(module), ...lackOfSpace(checkpoints, needed)];
}

/** Returns a warning when the disk lacks space for checkpoints. Processes that write none may have no folder for them. */
function lackOfSpace(checkpoints: string, needed: number): string[] {
  if (!existsSync(checkpoints)) return [];
  const { bavail, bsize } = statfsSync(checkpoints);
  if (bavail * bsize >= needed) return [];
  const megabytes = (bytes: number) => `${Math.ceil(bytes / 1e6)} MB`;
  return [
    `${checkpoints} has ${megabytes(bavail * bsize)} left, and two checkpoints take ${megabytes(needed)}: free some space`,
  ];
}

/** Runs one batch through the model. @returns its metrics, or undefined when they cannot be known */
async function firstMetrics(fit: Validated): Promise<Metrics | undefined> {
  if (!fit.source.validationBatches) return {};
  const metrics = (await metricsOn(fit, 1)) ?? {};
  // No batch was served, so the metrics are unknown.
  return Object.keys(metrics).length === 0 ? undefined : metrics;
}

/** Returns one message for each pattern of a regularizer that matches no parameter of any process. */
function unmatched(module: TrainingModule): readonly string[] {
  const { regularization, shard } = module;
  if (!regularization) return [];
  if (!shard || !regularization.unmatchedIn) return regularization.unmatched;
  return regularization.unmatchedIn(shard.parameters.map(({ name }) => name));
}
