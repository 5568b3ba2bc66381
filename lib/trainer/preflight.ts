import { statfsSync } from "node:fs";
import { type Callback, monitored } from "../protocols/callback";
import type { Metrics } from "../protocols/events";
import type { BatchSource, TrainingModule } from "../protocols/module";
import type { CheckedOptions } from "./options";
import type { Step } from "./step/step";

/** What is about to begin. */
interface Preflight {
  readonly module: TrainingModule;
  readonly options: Pick<CheckedOptions, "batchSize" | "seed">;
  readonly callbacks: readonly Callback[];
  readonly compiled: Step;
  /** The folder for checkpoints. */
  readonly checkpoints: string;
}

/** Weights and two moments of each, in float32. */
const BYTES = 12;

/**
 * Looks before the first step at what would otherwise fail late.
 *
 * @returns what is probably not meant
 * @throws Error for a monitored metric that there will not be, or a batch that does not go through the model
 */
export async function preflight(fit: Preflight, source: BatchSource): Promise<readonly string[]> {
  const { module, callbacks, checkpoints, compiled } = fit;
  const metrics = await firstMetrics(fit, source);
  for (const { monitor } of callbacks)
    if (monitor && metrics) monitored({ train_loss: 0, ...metrics }, monitor);
  const { bavail, bsize } = statfsSync(checkpoints);
  const needed = 2 * BYTES * module.parameters.reduce((sum, { variable }) => sum + variable.size, 0);
  const megabytes = (bytes: number) => `${Math.ceil(bytes / 1e6)} MB`;
  const full =
    bavail * bsize < needed
      ? [
          `${checkpoints} has ${megabytes(bavail * bsize)} left, and two checkpoints take ${megabytes(needed)}: free some space`,
        ]
      : [];
  const imprecise = compiled.precisionProblem ? [`${compiled.precisionProblem}; it trains in float32`] : [];
  return [...imprecise, ...(module.regularization?.unmatched ?? []), ...full];
}

/** One batch through the model. @returns undefined when it cannot be known what metrics there will be */
async function firstMetrics(
  { options, compiled }: Preflight,
  source: BatchSource,
): Promise<Metrics | undefined> {
  const { batchSize, seed } = options;
  const batches = source.validationBatches?.({ batchSize, seed, pass: 0 });
  if (!batches) return {};
  const metrics = (await compiled.validate(batches, 1)) ?? {};
  // Nothing was served: what there will be is not known.
  return Object.keys(metrics).length === 0 ? undefined : metrics;
}
