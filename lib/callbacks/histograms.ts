import { z } from "zod";
import { check, type OptionsOf } from "../base/config";
import { type Compiled, compile, StatelessRng, tf } from "../engine";
import type { Callback, FitContext } from "../protocols/callback";
import type { FactoryReference, TracedBatch } from "../protocols/module";
import { gradientsOf } from "../trainer/step/gradients";
import { toTensors } from "../trainer/step/to-tensors";

const shape = {
  /** The number of epochs between two reports. The first report follows the first epoch. Default 1. */
  everyNEpochs: z.int().positive().default(1),
  /**
   * Whether to report gradients too: those of the loss on the first training batch, without penalties and before
   * clipping. Default false.
   */
  gradients: z.boolean().default(false),
  /** The number of bins of a histogram. Default 30. */
  bins: z.int().positive().default(30),
};

/**
 * The options of `HistogramMonitor`.
 *
 * @interface
 */
export type HistogramMonitorOptions = OptionsOf<typeof shape>;

const schema = z.strictObject(shape);

/**
 * Reports the distribution of each parameter's values at the end of epochs, as `histogram` events named
 * `weights/<parameter>`. With `gradients` it also reports the distributions of gradients, as `gradients/<parameter>`.
 * `TensorBoardLogger` writes them for TensorBoard.
 *
 * @example
 * new Trainer({ callbacks: [new HistogramMonitor({ everyNEpochs: 5, gradients: true }), new TensorBoardLogger()] })
 */
export class HistogramMonitor implements Callback {
  readonly recipe: FactoryReference;
  private readonly options: z.output<typeof schema>;
  private gradients: Compiled<[TracedBatch, tf.Scalar], tf.Tensor[]> | undefined;

  /** @throws ConfigError for unknown or invalid options */
  constructor(options: HistogramMonitorOptions = {}) {
    this.recipe = { module: __filename, name: "HistogramMonitor", options };
    this.options = check(schema, options, "HistogramMonitor");
  }

  async onTrainEpochEnd(context: FitContext): Promise<void> {
    if (context.epoch % this.options.everyNEpochs !== 0) return;
    const { parameters } = context.module;
    const values = parameters.map(({ variable }) => variable);
    await this.report(context, "weights", values);
    if (this.options.gradients) await this.reportGradients(context);
  }

  teardown(): void {
    this.gradients?.dispose();
    this.gradients = undefined;
  }

  private async reportGradients(context: FitContext): Promise<void> {
    const { module, source, batchSize, step } = context;
    this.gradients ??= compile(
      (batch: TracedBatch, number: tf.Scalar) => gradientsOf(module, batch, new StatelessRng(0, number)),
      { name: "gradients" },
    );
    // The batch and the random numbers are the same each time, so that only the model changes.
    const pass = source.trainBatches({ batchSize, seed: 0, pass: 0, stepOf: () => step });
    for await (const batch of pass) {
      const { tensors, made } = toTensors(batch);
      const gradients = await this.gradients(tensors, 0);
      await this.report(context, "gradients", gradients);
      tf.dispose([gradients, made]);
      break;
    }
  }

  private async report(context: FitContext, kind: string, tensors: readonly tf.Tensor[]): Promise<void> {
    const { epoch, step, module } = context;
    for (const [i, { name }] of module.parameters.entries()) {
      const histogram = histogramOf(tensors[i]!.dataSync(), this.options.bins);
      await context.emit({ event: "histogram", epoch, step, name: `${kind}/${name}`, ...histogram });
    }
  }
}

/**
 * Counts values in bins of equal width between the smallest and the largest. If all values are equal, there is one bin
 * of width 1 around them.
 */
export function histogramOf(values: ArrayLike<number>, bins: number) {
  const finite = Array.from(values).filter(Number.isFinite);
  const [low, high] = finite.reduce(([a, b], value) => [Math.min(a, value), Math.max(b, value)], [
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
  ] as [number, number]);
  const lost = values.length - finite.length;
  const not_finite = lost > 0 ? { not_finite: lost } : {};
  if (finite.length === 0) return { edges: [], counts: [], ...not_finite };
  if (low === high) return { edges: [low - 0.5, low + 0.5], counts: [finite.length], ...not_finite };
  const counts = new Array<number>(bins).fill(0);
  for (const value of finite)
    counts[Math.min(bins - 1, Math.floor((bins * (value - low)) / (high - low)))]!++;
  const edges = Array.from({ length: bins + 1 }, (_, i) => rounded(low + (i * (high - low)) / bins));
  return { edges, counts, ...not_finite };
}

/** Seven digits are the precision of float32, and they keep `events.jsonl` small. */
const rounded = (value: number) => Number(value.toPrecision(7));
