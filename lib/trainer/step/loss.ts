import { ConfigError } from "../../base/config";
import { tf } from "../../engine";
import { type Measure, meanMeasure } from "../../metrics/measure";
import type { Rng } from "../../nn";
import type { TracedBatch, TrainingLoss, TrainingModule } from "../../protocols/module";

/** The normalised results of a module for a batch. */
export interface MeasuredLoss extends Omit<TrainingLoss, "loss" | "metrics" | "samples"> {
  /** The mean over the batch's samples. */
  readonly loss: tf.Scalar;
  readonly samples: tf.Scalar;
  readonly metrics: Readonly<Record<string, Measure>>;
}

/**
 * Normalises a loss: one number for each sample becomes the mean and the number of samples, and every metric becomes a
 * measure. Traced.
 *
 * @throws ConfigError when the number of samples is needed and the batch's entries disagree about it
 */
function measured({ loss, metrics = {}, samples, ...rest }: TrainingLoss, batch: TracedBatch): MeasuredLoss {
  const count = samples ? tf.reshape(tf.cast(samples, "float32"), []) : tf.scalar(samplesOf(loss, batch));
  const measures = Object.entries(metrics).map(([name, metric]) => [
    name,
    measureOf(metric, count as tf.Scalar),
  ]);
  return {
    ...rest,
    loss: loss.rank === 1 && loss.size > 1 ? tf.mean<tf.Scalar>(loss) : (tf.reshape(loss, []) as tf.Scalar),
    samples: count as tf.Scalar,
    metrics: Object.fromEntries(measures),
  };
}

/** Returns the number of samples: the length of the loss, or else the number of rows that all entries of the batch have. */
function samplesOf(loss: tf.Tensor, batch: TracedBatch): number {
  if (loss.rank === 1 && loss.size > 1) return loss.size;
  const rows = Object.entries(batch).flatMap(([name, { shape }]) =>
    shape.length > 0 ? [{ name, count: shape[0]! }] : [],
  );
  const [first] = rows;
  if (rows.every(({ count }) => count === first!.count)) return first?.count ?? 1;
  const lengths = rows.map(({ name, count }) => `${name} ${count}`).join(", ");
  const message =
    `the entries of the batch have different numbers of rows (${lengths}), so the number of samples is not known; ` +
    "return it as `samples` beside the loss, or a loss for each sample, [B]";
  throw new ConfigError("Trainer", [{ path: "loss", message }]);
}

function measureOf(metric: tf.Tensor | Measure, samples: tf.Scalar): Measure {
  if (!(metric instanceof tf.Tensor)) return metric;
  const each = tf.cast(metric, "float32");
  const own = each.rank === 1 && each.size > 1 ? tf.scalar(each.size) : samples;
  return meanMeasure(tf.mean(each), own);
}

/**
 * Computes the loss of a batch; logged values are added to its metrics. Traced.
 *
 * @param draws the random numbers of a training step; undefined in validation
 * @throws ConfigError for a name that is logged twice or is a metric's, or a value that is not a scalar tensor
 */
export function lossOf(module: TrainingModule, batch: TracedBatch, rng?: Rng): MeasuredLoss {
  const logged = new Map<string, tf.Scalar>();
  const given = module.loss(batch, rng, (name, value) => {
    if (name === "loss" || logged.has(name)) throw taken(name);
    logged.set(name, scalarOf(name, value));
  });
  for (const name of Object.keys(given.metrics ?? {})) if (logged.has(name)) throw taken(name);
  return measured({ ...given, metrics: { ...given.metrics, ...Object.fromEntries(logged) } }, batch);
}

function scalarOf(name: string, value: unknown): tf.Scalar {
  if (value instanceof tf.Tensor && value.size === 1) return tf.reshape(value, []) as tf.Scalar;
  if (value instanceof tf.Tensor)
    throw problem(
      name,
      `has shape [${value.shape}], but a scalar is logged; take a mean, or return it in \`metrics\``,
    );
  if (typeof value === "number")
    throw problem(
      name,
      "is a number made in JavaScript, which would be the same in every step; log a tensor",
    );
  const picture = typeof (value as { svg?: unknown } | null)?.svg === "function";
  const message = picture
    ? "is a figure, which cannot be drawn in a compiled loss; log it in a callback, by `context.log`"
    : "is not a tensor; log a scalar tensor";
  throw problem(name, message);
}

const problem = (name: string, message: string) => new ConfigError("log", [{ path: name, message }]);
const taken = (name: string) => problem(name, "is reported by this loss already; log by another name");
