import { rangeErrorsAs } from "../../base/config/errors";
import { tf } from "../../engine";
import { TF } from "../../engine/dtypes";
import { freeze } from "../../engine/frozen-graph";
import type { ModelBatch } from "../../model";
import type { Twin } from "../../twin";
import { BATCHES, portable } from "./combine-graphs";
import type { PortableGraph, PortableInput } from "./portable-graph";

/** Returns the inputs that a twin may have. */
function inputsOf({ model: { input, plan, unitDataset } }: Twin): PortableInput[] {
  const { lags, height, width, channels = 1, behaviors = 0 } = input;
  const float = (name: string, sample: readonly number[]) => ({ name, sample, dtype: TF.FLOAT });
  return [
    ...(plan.seesStimulus ? [float("stim", [lags, height, width, channels])] : []),
    ...(behaviors > 0 ? [float("behavior", [behaviors])] : []),
    ...(plan.readsEyepos ? [float("eyepos", [2])] : []),
    ...(plan.historyLags > 0 ? [float("history", [plan.historyLags, unitDataset.length])] : []),
    { name: "session", sample: [], dtype: TF.INT32 },
  ];
}

/**
 * Returns the graph from a batch to the rates of all units, `[batch, units]`, with the weights as constants. Its inputs are those of
 * `ModelBatch` that the model reads; `session` is the number of each sample's session.
 *
 * @throws ConfigError when the model depends on the batch size in a way that no graph for all sizes has
 */
export function ratesGraph(twin: Twin): PortableGraph {
  const { model, tap } = twin;
  const inputs = inputsOf(twin);
  const body = (...given: tf.Tensor[]) => {
    const named = Object.fromEntries(inputs.map(({ name }, i) => [name, given[i]!]));
    const { session: dataset, ...batch } = named;
    const rate = model.forward({ ...batch, dataset } as ModelBatch, { training: false }, tap);
    return model.logRate ? tf.exp(rate) : rate;
  };
  const graphs = BATCHES.map((size) => {
    const examples = inputs.map(({ sample, dtype }) =>
      tf.zeros([size, ...sample], dtype === TF.INT32 ? "int32" : "float32"),
    );
    try {
      return freeze("rates", body as Parameters<typeof freeze>[1], examples);
    } finally {
      tf.dispose(examples);
    }
  });
  return rangeErrorsAs(twin.path, "model", () => portable(graphs, inputs));
}
