import { readdirSync } from "node:fs";
import { join } from "node:path";
import { tf } from "../../lib/engine";
import { buildModel, type Model, type ModelInput, parseModelConfig, readModelConfig } from "../../lib/model";
import { arraysOf, saveCheckpoint } from "../../lib/trainer/checkpoint/checkpoint";
import type { NamedArray } from "../../lib/trainer/checkpoint/safetensors";
import { NOTHING_GOES_ON } from "../../lib/trainer/checkpoint/state";
import { variablesOf } from "../../lib/trainer/run";
import { Twin } from "../../lib/twin";
import { labFile } from "../lab/lab";

/** The number of samples of the inputs. */
export const SAMPLES = 3;

/** Reads the model files of a folder, by their names. */
function modelFiles(folder: string, input: Partial<ModelInput>): Record<string, () => Twin> {
  const files = readdirSync(folder).filter((file) => file.endsWith(".yaml") && !file.startsWith("sessions"));
  return Object.fromEntries(
    files.map((file) => {
      const make = () =>
        twinOf(
          readModelConfig(join(folder, file), () => {}),
          input,
        );
      return [file.replace(".yaml", ""), make];
    }),
  );
}

/** Models of each kind of component that no model file has. */
const KINDS: Record<string, { config: object; input?: Partial<ModelInput> }> = {
  "adapter affine even, shifter": {
    config: {
      adapter: {
        type: "adapter",
        params: { grid_size: 9, transform: "affine", blur: "even", init_sigma: 0.8 },
      },
      shifter: { type: "mlp", params: { hidden_dim: 4 } },
      readout: { type: "gaussian2d", params: { initial_mean_scale: 2, covariance: "full" } },
    },
  },
  "temporal basis, rotations, lstm": {
    config: {
      frontend: {
        type: "temporal_basis",
        params: { num_cosine_funcs: 3, history_bins: 6, chomp: 2, batch_norm: true },
      },
      convnet: {
        type: "rotation_equivariant",
        params: {
          channels: [2, 3],
          kernel_sizes: [
            [2, 3, 3],
            [1, 3, 3],
          ],
          num_rotations: 4,
          act_type: "splitrelu",
          act_params: { trainable_gain: true },
        },
      },
      recurrent: { type: "lstm", params: { hidden_dim: 5, n_layers: 2 } },
      readout: { type: "linear", params: {} },
    },
  },
  "centred temporal basis, gru": {
    config: {
      frontend: { type: "temporal_basis", params: { num_cosine_funcs: 2, history_bins: 5, causal: false } },
      recurrent: { type: "gru", params: { hidden_dim: 4 } },
      readout: { type: "linear", params: { bias: false } },
      output_activation: "exp",
    },
  },
  "convgru modulator with lags": {
    config: {
      convnet: cnn({ act_type: "silu" }),
      modulator: { type: "convgru", params: { hidden_dim: 3, beh_emb_dim: 2 } },
      output_activation: "none",
    },
    input: { behaviors: 6, behaviorLags: 3 },
  },
  "prediction error alone": {
    config: {
      convnet: cnn({ act_type: "mish" }),
      modulator: { type: "pc", params: { beh_emb_dim: 2, concat_error: false } },
      recurrent: { type: "convgru", params: { hidden_dim: 3, n_layers: 2 } },
      output_activation: "elu1",
    },
  },
  "frontend conv, dense connections": {
    config: {
      frontend: {
        type: "conv",
        params: {
          out_channels: 4,
          conv_params: { kernel_size: [2, 3, 3], dilation: [2, 1, 1] },
          causal: false,
        },
      },
      convnet: {
        type: "densenet",
        params: {
          channels: [4, 6],
          block_configs: [
            block({
              norm_type: "instance",
              act_type: "leakyrelu",
              pool_params: { type: "avg", kernel_size: 3, stride: 1, padding: 1 },
            }),
            block({ norm_type: "group", norm_params: { num_groups: 2 }, act_type: "tanh" }),
          ],
          final_activation: "elu",
        },
      },
      readout: { type: "factorized", params: { scale: true } },
      output_activation: "identity",
      loss: "mse",
    },
  },
  "poolings and activations": {
    config: {
      convnet: {
        type: "cnn",
        params: {
          channels: [6, 6, 6, 6],
          block_configs: [
            block({ norm_type: "layer", act_type: "bsoftplus", pool_params: { type: "locatt" } }),
            block({ act_type: "sigmoid", pool_params: { type: "learned", stride: 1 } }),
            block({ act_type: "softplus", pool_params: { type: "se_pool", stride: 1, use_soft: false } }),
            block({ act_type: "square", pool_params: { type: "adaptivemax", kernel_size: [2, 3, 4] } }),
          ],
        },
      },
      output_activation: "relu",
    },
  },
  "separable kernels": {
    config: {
      convnet: {
        type: "resnet",
        params: {
          channels: [4, 4],
          block_configs: [
            block({
              conv_params: {
                type: "depth_separable",
                kernel_size: [2, 5, 5],
                padding: 1,
                aa_signal: true,
                use_weight_norm: true,
              },
            }),
            block({
              conv_params: {
                type: "depthwise",
                kernel_size: [2, 3, 3],
                stride: [1, 2, 2],
                use_weight_norm: true,
              },
              pool_params: { type: "adaptiveavg", kernel_size: [3, 3, 3] },
            }),
          ],
          resnet_post_add_activation: "splitrelu",
        },
      },
      lag_order: "newest_first",
      baseline: { enabled: true, activation: "softplus", init_value: 0.1 },
    },
  },
  "transformer without registers": {
    config: {
      convnet: {
        type: "vivit",
        params: {
          embedding_dim: 8,
          num_spatial_blocks: 1,
          num_temporal_blocks: 1,
          tokenizer: { kernel_size: [2, 4, 4], stride: [2, 3, 3], norm: "dyt", padding: [1, 1] },
          transformer_params: {
            num_heads: 2,
            head_dim: 4,
            ff_dim: 6,
            ff_activation: "gelu",
            norm: "layernorm",
            use_rope: false,
          },
          final_activation: "splitrelu",
        },
      },
    },
  },
  "shared features and predicted positions": {
    config: {
      readout: {
        type: "gaussian2d",
        params: {
          shared_features: true,
          scale: true,
          mean_predictor: { hidden_dims: [5], activation: "elu" },
        },
      },
    },
    input: {
      channels: 2,
      unitGroups: [
        [0, 1, 1, 2],
        [2, 0, 1],
      ],
      unitCoordinates: [4, 3].map((n) => Array.from({ length: n }, (_, i) => [i / 3, 1 - i / 2])),
    },
  },
  "sessions with stages of their own": {
    config: { convnet: cnn({ act_type: "relu" }) },
    input: {
      sessionStages: [
        { adapter: { type: "adapter", params: { grid_size: 14 } } },
        { readout: { type: "factorized", params: {} } },
      ],
    },
  },
  "history without spectral norm": {
    config: {
      model_type: "v1multi_history",
      convnet: cnn({ act_type: "relu" }),
      history_encoder: {
        type: "mlp",
        params: { num_lags: 1, hidden_dims: [5], act_type: "splitrelu", residual: true },
      },
      lag_order: "newest_first",
    },
  },
};

function block(o: object): object {
  return { conv_params: { kernel_size: [2, 3, 3], padding: [0, 1, 1] }, ...o };
}

function cnn(o: object): object {
  return { type: "cnn", params: { channels: [4], block_configs: [block(o)] } };
}

/** All exported models by name: the project's, those of the lab's kinds, and one of each other kind of component. */
export const MODELS: Record<string, () => Twin> = {
  ...modelFiles("configs/models", { height: 26, width: 25 }),
  ...modelFiles(labFile("configs"), { lags: 33, height: 51, width: 51, behaviors: 42 }),
  ...Object.fromEntries(
    Object.entries(KINDS).map(([name, { config, input = {} }]) => [
      name,
      () =>
        twinOf(
          { readout: { type: "gaussian", params: {} }, ...config },
          { lags: 8, height: 14, width: 14, ...input },
        ),
    ]),
  ),
};

/** Builds a twin of two sessions with random weights, none of which are at their initial zeros. */
export function twinOf(config: object, input: Partial<ModelInput>, names = ["session 0", "session 1"]): Twin {
  const parsed = parseModelConfig(config, "model", () => {});
  const lags = parsed.sampling_rate === 1 ? 1 : 16;
  const model = buildModel(
    parsed,
    { lags, height: 14, width: 14, units: [4, 3], behaviors: 10, ...input },
    1,
  );
  for (const [seed, { name, variable }] of [...model.parameters, ...model.state].entries()) {
    // The singular vectors of a spectral norm stay unit vectors.
    if (/\.[uv]$/.test(name)) continue;
    const noise = tf.randomUniform(variable.shape, -0.1, 0.1, "float32", seed);
    variable.assign(tf.add(variable, /running_var|std/.test(name) ? tf.abs(noise) : noise));
  }
  const sessions = model.input.units.map((n, i) => ({
    name: names[i]!,
    cids: Array.from({ length: n }, (_, unit) => 10 * i + unit),
  }));
  const { height, width, channels = 1, lags: frames } = model.input;
  const ofFrames = Array.from({ length: frames }, (_, i) => frames - 1 - i);
  return new Twin("model", model, sessions, { height, width, channels, lags: ofFrames, samplingRate: 120 });
}

/** Random inputs of a model. Those that it does not read are left out. */
export function inputsFor({ input, plan, config }: Model): Map<string, tf.Tensor> {
  const { lags, height, width, channels = 1, behaviors = 0, units } = input;
  const random = (shape: number[]) => tf.randomUniform(shape, -0.5, 0.5, "float32", shape.length);
  const total = units.reduce((a, b) => a + b, 0);
  return new Map([
    ...(plan.seesStimulus ? [["stim", random([SAMPLES, lags, height, width, channels])] as const] : []),
    ...(config.modulator.type === "none" ? [] : [["behavior", random([SAMPLES, behaviors])] as const]),
    ...(plan.readsEyepos ? [["eyepos", random([SAMPLES, 2])] as const] : []),
    ...(plan.historyLags > 0
      ? [["history", tf.abs(random([SAMPLES, plan.historyLags, total]))] as const]
      : []),
  ]);
}

/** Returns the rates of all units for inputs that belong to a session, `[SAMPLES, units]`. */
export function expectedRates(
  { model }: Twin,
  inputs: ReadonlyMap<string, tf.Tensor>,
  session: number,
): tf.Tensor2D {
  const dataset = tf.fill([SAMPLES], session, "int32") as tf.Tensor1D;
  const rate = model.forward({ ...Object.fromEntries(inputs), dataset }, { training: false });
  return model.logRate ? tf.exp(rate) : rate;
}

/** Returns a tensor as an array. */
export const arrayOf = (tensor: tf.Tensor): NamedArray => ({
  shape: [...tensor.shape],
  values: tensor.dataSync<"float32">(),
});

/** Writes a checkpoint of a twin of two sessions, as a training does. */
export function checkpointOf(path: string, model: object, input: Partial<ModelInput> = {}): void {
  const twin = twinOf({ readout: { type: "gaussian", params: {} }, ...model }, input);
  const sessions = twin.sessions.map(({ name, cids }) => ({
    session: name,
    types: ["movie"],
    cids,
    file: `${name}.yaml`,
  }));
  const config = { model: { readout: { type: "gaussian" }, ...model }, sessions, input: twin.model.input };
  saveCheckpoint(path, arraysOf(variablesOf(twin.model)), {
    format: 1,
    epoch: 0,
    step: 1,
    seed: 0,
    ...NOTHING_GOES_ON,
    metrics: {},
    config,
  });
  twin.dispose();
}
