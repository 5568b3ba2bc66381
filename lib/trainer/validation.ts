import type { Metrics } from "../protocols/events";
import type { BatchSource } from "../protocols/module";
import { limitOf } from "./limit";
import type { CheckedOptions } from "./options";
import type { Step } from "./step/step";

/** The fit that is validated. */
interface Validated {
  readonly source: BatchSource;
  readonly options: CheckedOptions;
  readonly batchSize: number;
  readonly compiled: Step;
}

/**
 * Computes the metrics of a fit on its validation batches, or on as many of them as `limitValBatches` says. Each of several processes
 * asks for all batches and takes its turns.
 *
 * @param isEnding whether to break off, asked between batches
 * @returns no metrics without validation batches, and undefined when it was broken off
 */
export async function validationMetrics(
  { source, options, batchSize, compiled }: Validated,
  isEnding: () => boolean,
): Promise<Metrics | undefined> {
  const request = { batchSize, seed: options.seed, pass: 0 };
  const batches = source.validationBatches?.(request);
  if (!batches) return {};
  const limit = options.fastDevRun ? 1 : await limitOf(options.limitValBatches, source, request);
  return compiled.validate(batches, limit, isEnding);
}
