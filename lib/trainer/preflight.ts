import { existsSync, statfsSync } from "node:fs";
import { type Callback, monitored } from "../protocols/callback";
import type { Metrics } from "../protocols/events";
import type { BatchSource, TrainingModule } from "../protocols/module";
import type { CheckedOptions } from "./options";
import type { TrainingStep } from "./step/step";

/** The parts of a fit that are checked before it begins. */
interface Preflight {
  readonly module: TrainingModule;
  readonly options: Pick<CheckedOptions, "batchSize" | "seed">;
  readonly callbacks: readonly Callback[];
  readonly compiled: TrainingStep;
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
export async function preflight(fit: Preflight, source: BatchSource): Promise<readonly string[]> {
  const { module, callbacks, checkpoints, compiled } = fit;
  const metrics = await firstMetrics(fit, source);
  for (const { monitor } of callbacks)
    if (monitor && metrics) monitored({ train_loss: 0, ...metrics }, monitor);
  const needed = 2 * BYTES * module.parameters.reduce((sum, { variable }) => sum + variable.size, 0);
  const imprecise = compiled.precisionProblem ? [`${compiled.precisionProblem}; it trains in float32`] : [];
  return [...imprecise, ...(module.regularization?.unmatched ?? []), ...lackOfSpace(checkpoints, needed)];
}

/** Processes that write no checkpoints may have no folder for them. */
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
async function firstMetrics(
  { options, compiled }: Preflight,
  source: BatchSource,
): Promise<Metrics | undefined> {
  const { batchSize, seed } = options;
  const batches = source.validationBatches?.({ batchSize, seed, pass: 0 });
  if (!batches) return {};
  const metrics = (await compiled.validate(batches, 1)) ?? {};
  // No batch was served, so the metrics are unknown.
  return Object.keys(metrics).length === 0 ? undefined : metrics;
}
