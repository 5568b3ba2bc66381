import { ConfigError } from "../../base/config";
import { tf } from "../../engine";
import type { DrawsLike } from "../../nn";
import type { TracedBatch, TrainingModule } from "../../protocols/module";
import { type MeasuredLoss, measured } from "./measured";

/**
 * Takes the loss of a batch; what it logs is among its metrics. Traced.
 *
 * @param draws random numbers of a training step; not given in validation
 * @throws ConfigError for a name that is logged twice or is a metric's, or a value that is no scalar tensor
 */
export function lossOf(module: TrainingModule, batch: TracedBatch, draws?: DrawsLike): MeasuredLoss {
  const logged = new Map<string, tf.Scalar>();
  const given = module.loss(batch, draws, (name, value) => {
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
    : "is no tensor; log a scalar tensor";
  throw problem(name, message);
}

const problem = (name: string, message: string) => new ConfigError("log", [{ path: name, message }]);
const taken = (name: string) => problem(name, "is reported by this loss already; log by another name");
