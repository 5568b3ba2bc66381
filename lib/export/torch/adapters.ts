import { tf } from "../../engine";
import { adapter, resampling } from "../../model/adapter";
import { TRANSFORMS } from "../../model/adapter/transforms";
import { optionsOf } from "../../nn/component";
import { type TorchModule, torchModule } from "./module";
import type { StageInput } from "./stage";

/** `adapter.type` → the adapter of one session; undefined for the identity. Blur and resampling are multiplied out. */
export const ADAPTERS: Readonly<Record<string, (stage: StageInput) => TorchModule | undefined>> = {
  none: () => undefined,
  adapter: ({ params, at, input, get }) => {
    const o = optionsOf(adapter, params, at);
    const [logSigma, parameters] = ["log_sigma", TRANSFORMS[o.transform].name].map((name) =>
      tf.expandDims(get(name), 0),
    );
    const { rows, columns, positions } = resampling(o, input, {
      logSigma: logSigma!,
      parameters: parameters!,
    });
    const tensors = { rows: tf.squeeze(rows, [0]), columns: tf.squeeze(columns, [0]) };
    const [size, frame] = [o.grid_size, [input.height, input.width]];
    if (!positions) return torchModule("Resample", [size, ...frame], { tensors });
    const at_ = tf.reshape(tf.stack([positions.x, positions.y], 2), [size, size, 2]);
    return torchModule("ResampleAffine", [size, [rows.shape[1], columns.shape[1]], ...frame], {
      tensors: { ...tensors, positions: at_ },
    });
  },
};
