import { parseModelConfig } from "../../lib/model";

/** A small complete model: 6 lags of 11 × 11 pixels, with stride and pooling. */
export const SMALL = {
  frontend: { type: "learnable_temporal", params: { kernel_size: 4, num_channels: 2 } },
  convnet: {
    type: "resnet",
    params: {
      channels: [4],
      block_configs: [
        {
          conv_params: { kernel_size: [2, 3, 3] },
          norm_type: "rms",
          pool_params: { type: "max", kernel_size: [1, 2, 2] },
        },
      ],
    },
  },
  recurrent: { type: "convgru", params: { hidden_dim: 3 } },
  readout: { type: "gaussian", params: { initial_std: 1.5, initial_mean_scale: 0.3 } },
};

export const INPUT = { lags: 6, height: 11, width: 11, units: [3, 2] };

/** Returns the small configuration with some parts replaced. */
export function small(changes: Record<string, unknown> = {}) {
  return parseModelConfig({ ...SMALL, ...changes }, "small.yaml");
}
