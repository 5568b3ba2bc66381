import { statfsSync } from "node:fs";
import { devices } from "../engine";
import { type Callback, monitored } from "./callback";
import type { Metrics } from "./events";
import type { TrainingModule } from "./module";

export interface Preflight {
  readonly module: TrainingModule;
  readonly callbacks: readonly Callback[];
  /** One batch through the model; undefined when it cannot be known what metrics there will be. */
  validate(): Promise<Metrics | undefined>;
  /** The folder for checkpoints. */
  readonly checkpoints: string;
  readonly precision: "float32" | "bf16-mixed";
}

/** Weights and two moments of each, in float32. */
const BYTES = 12;

/**
 * Looks before the first step at what would otherwise fail late.
 *
 * @returns what is probably not meant
 * @throws Error for a monitored metric that there will not be, or a batch that does not go through the model
 */
export async function preflight({
  module,
  callbacks,
  validate,
  checkpoints,
}: Preflight): Promise<readonly string[]> {
  devices();
  const metrics = await validate();
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
  return [...(module.regularization?.unmatched ?? []), ...full];
}
