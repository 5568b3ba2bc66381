import { tf } from "../../engine";
import { concat, film } from "../../model/modulator/encoded";
import { convgruModulator, pc } from "../../model/modulator/recurrent";
import { below, scoped, type Weights } from "../../nn";
import { optionsOf } from "../../nn/component";
import { conv3d, dense, mlp } from "./layers";
import { identity, type TorchModule, torchModule } from "./module";
import { convgruCell } from "./recurrents";
import type { Stage } from "./stage";

/** `modulator.type` → modulator, whose module takes the features and the behaviour. */
export const MODULATORS: Readonly<Record<string, Stage>> = {
  none: () => undefined,
  concat: ({ params, at, get }) => {
    const { encoder_params } = optionsOf(concat, params, at);
    const encoder = mlp(encoder_params, scoped(get, "encoder"), below(at, "encoder_params"));
    return torchModule("AppendBehavior", [], { parts: { encoder } });
  },
  film: ({ params, at, get }) => {
    const { encoder_params } = optionsOf(film, params, at);
    const encoder = mlp(encoder_params, scoped(get, "encoder"), below(at, "encoder_params"));
    const [scale, shift] = ["scale_layer", "shift_layer"].map((name) => dense(scoped(get, name)));
    return torchModule("FiLM", [], { parts: { encoder, scale: scale!, shift: shift! } });
  },
  convgru: ({ params, at, get, behaviorLags }) => {
    optionsOf(convgruModulator, params, at);
    return torchModule("BehaviorGRU", [behaviorLags], {
      parts: {
        embedding: dense(scoped(get, "beh_emb")),
        gru: convgruCell(scoped(get, "gru.cells.0")),
        projection: projection(get),
      },
    });
  },
  pc: ({ params, at, input, get }) => {
    const { concat_error, hidden_dim = input.channels } = optionsOf(pc, params, at);
    return torchModule(concat_error ? "FrameAndError" : "PredictionError", [], {
      parts: {
        embedding: dense(scoped(get, "beh_emb")),
        predictor: convgruCell(scoped(get, "predictor.cells.0")),
        projection: hidden_dim === input.channels ? identity : projection(get),
      },
    });
  },
};

/** Describes a dense layer at every pixel. */
const projection = (get: Weights): TorchModule => {
  const weight = get("output_proj.weight");
  return conv3d(tf.expandDims(weight, 0) as tf.Tensor5D, get("output_proj.bias"));
};
