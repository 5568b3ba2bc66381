import type { ModelConfig } from "../model";
import { mlp } from "../model/history";

/** A configuration as plain data. */
export type Mapping = Readonly<Record<string, unknown>>;

/** The default of `sampling_rate` in the PyTorch package. Only the frontend `da` depends on it there. */
const PACKAGE_RATE = 240;

/**
 * Completes a configuration of the PyTorch package, so that the model is the same function here: `lag_order: newest_first`, the adapter's
 * `blur: even`, and the package's default rate for a frontend that depends on it.
 */
export function fromPackage(model: Mapping): Mapping {
  const adapter = model.adapter as { type?: unknown; params?: object | null } | undefined;
  const frontend = model.frontend as { type?: unknown } | undefined;
  return {
    lag_order: "newest_first",
    ...(frontend?.type === "da" ? { sampling_rate: PACKAGE_RATE } : {}),
    ...model,
    ...(adapter?.type === "adapter"
      ? { adapter: { ...adapter, params: { blur: "even", ...adapter.params } } }
      : {}),
  };
}

/** Stage types that the package does not have. */
const OURS_ALONE = {
  convnet: ["vivit"],
  recurrent: ["gru", "lstm"],
  readout: ["factorized", "gaussian2d"],
} as const;

/**
 * Returns a configuration as the package reads it: without the keys that only gradbook has, and with the options that the package requires.
 *
 * @throws RangeError for a model that the package does not have
 */
export function toPackage(config: ModelConfig): Mapping {
  for (const [stage, types] of Object.entries(OURS_ALONE))
    if ((types as readonly string[]).includes(config[stage as keyof typeof OURS_ALONE].type))
      throw new RangeError(
        `${stage}.type ${config[stage as keyof typeof OURS_ALONE].type} is not in the PyTorch package`,
      );
  if (config.shifter.type !== "none") throw new RangeError("the PyTorch package has no shifter");
  if (config.loss !== "poisson") throw new RangeError(`the PyTorch package has no loss ${config.loss}`);
  const { lag_order: _, shifter: __, loss: ___, adapter, frontend, ...rest } = config;
  const { blur: ____, ...adapterParams } = adapter.params;
  // The package gives its frontends the model's rate, and refuses a second one.
  const { sampling_rate = config.sampling_rate, ...frontendParams } = frontend.params;
  return {
    ...rest,
    sampling_rate,
    adapter: { ...adapter, params: adapterParams },
    frontend: { ...frontend, params: frontendParams },
    ...(config.model_type === "v1multi_history" ? { history_encoder: historyOf(config) } : {}),
  };
}

/** The package has no default for the widths of the layers. */
function historyOf({ history_encoder: encoder }: ModelConfig): Mapping {
  const { num_lags, hidden_dims } = mlp.options.parse(encoder?.params ?? {}) as Mapping;
  return { type: "mlp", ...encoder, params: { num_lags, hidden_dims, ...encoder?.params } };
}

/** Returns remarks on what makes a model another function in the package. */
export function differencesThere({ lag_order, adapter }: ModelConfig): string[] {
  const notes: string[] = [];
  if (lag_order === "oldest_first")
    notes.push(
      "lag_order is oldest_first: kernels are reversed in time, and the package shows the newest frame first, so its rates differ",
    );
  if (adapter.type === "adapter" && adapter.params.blur !== "even")
    notes.push("the adapter's blur is odd: the package has an even one, so its rates differ slightly");
  return notes;
}
