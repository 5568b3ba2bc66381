import { z } from "zod";
import { ConfigError, check, checkAll, readYaml, typeNames } from "../base/config";
import { asMapping } from "../base/config/mappings";
import { type TakeNote, warn } from "../base/config/notes";
import { shownAsTable } from "../base/jupyter/table";
import { lossOf, lossParts } from "../losses/parts";
import { below, type Component, type Place, problemAt } from "../nn";
import { componentOf } from "../nn/component";
import { adapters } from "./adapter";
import { LAG_ORDERS } from "./batch";
import { convnets } from "./convnet";
import { frontends } from "./frontend";
import { histories } from "./history";
import { withoutUnreadKeys } from "./ignored-keys";
import { modulators } from "./modulator";
import { OUTPUT_ACTIVATIONS, type OutputActivationName, outputIsSigned } from "./output";
import { readouts } from "./readout";
import { recurrents } from "./recurrent";
import { regularizerSchema, resolveRegularizers } from "./regularizers/config";
import { shifters } from "./shifter";
import { sizeProblems } from "./sizes";

/** The schema of a stage: a type, and options that depend on it. */
export const stageSchema = z.strictObject({
  type: z.string(),
  params: z
    .record(z.string(), z.unknown())
    .nullish()
    .transform((params) => params ?? {}),
});
const absent = { type: "none", params: {} };
const outputs = z.enum(Object.keys(OUTPUT_ACTIVATIONS) as [OutputActivationName]);

/** The schema of a model configuration, without the options of its stages. */
export const modelSchema = z.strictObject({
  /** `v1` has one session, `v1multi` several; `v1multi_history` adds input from the units' recent spikes. */
  model_type: z.enum(["v1", "v1multi", "v1multi_history"]).default("v1multi"),
  /** The frames per second of the model's input. */
  sampling_rate: z.number().positive().default(120),
  /** The number of channels of the stimulus. Default: that of the sessions' movies. */
  initial_input_channels: z.int().positive().optional(),
  /**
   * The order in which the model sees a sample's frames and the bins of its history. The PyTorch package's models saw the newest first:
   * then causal padding, recurrence and readout begin at the newest frame and end at the oldest.
   */
  lag_order: z.enum(LAG_ORDERS).default("oldest_first"),
  adapter: stageSchema.default(absent),
  frontend: stageSchema.default(absent),
  convnet: stageSchema.default(absent),
  modulator: stageSchema.default(absent),
  recurrent: stageSchema.default(absent),
  readout: stageSchema,
  /** Shifts the positions that units look at with the eye. */
  shifter: stageSchema.default(absent),
  /** The encoder of the spike history, for `v1multi_history`. */
  history_encoder: stageSchema.optional(),
  output_activation: outputs.default("softplus"),
  /** A learned rate per unit, added after the output activation. */
  baseline: z
    .strictObject({
      enabled: z.boolean().default(false),
      activation: z.enum(["relu", "softplus"]).default("relu"),
      init_value: z.number().default(0.001),
    })
    .default({ enabled: false, activation: "relu", init_value: 0.001 }),
  regularization: z.array(regularizerSchema).default([]),
  /**
   * The loss. `poisson` and `zero_inflated_poisson` are for counts, the others for responses of any kind. Some learn parameters of each unit: the
   * probability that a bin is silent for any stimulus (`zero_inflated_*`), the variance (`gaussian`), the shape of a gamma distribution. Rates
   * are the means of the responses for every loss.
   */
  loss: z
    .string()
    .meta(typeNames(Object.keys(lossParts)))
    .default("poisson"),
  /** The weight of the auxiliary loss of a predicting modulator (`pc`) in the loss. */
  lambda_pred: z.number().nonnegative().default(0),
});

/** A model configuration, defaults filled in: plain data with the names of the YAML file, shown as a table below a cell. */
export type ModelConfig = z.output<typeof modelSchema>;

/** The stages between stimulus and rate, in order, and the component types of each. */
export const STAGES = {
  adapter: adapters,
  frontend: frontends,
  convnet: convnets,
  modulator: modulators,
  recurrent: recurrents,
  readout: readouts,
} as const;

/** All keys whose value is a type with its options. */
export const TYPED = { ...STAGES, shifter: shifters, history_encoder: histories } as const;

/**
 * Reads a model configuration.
 *
 * @param note takes the notes on keys without effect. Default: prints them as warnings.
 * @throws ConfigError that names the file, the key, and what is allowed
 */
export function readModelConfig(file: string, note: TakeNote = warn): ModelConfig {
  return parseModelConfig(readYaml(file), file, note);
}

/**
 * Checks a model configuration; `buildModel` checks properties that depend on sizes.
 *
 * @param where the file or function it came from, for errors
 * @param note takes the notes on keys without effect. Default: prints them as warnings.
 * @throws ConfigError
 */
export function parseModelConfig(value: unknown, where: string, note: TakeNote = warn): ModelConfig {
  const read = withoutUnreadKeys(value, where, note);
  const parts = Object.entries(TYPED) as [string, Room][];
  let config: ModelConfig | undefined;
  checkAll(where, [
    () => {
      config = check(modelSchema, read, where);
      checkHistory(config, where);
    },
    () => config && checkLoss(config, where),
    () => config && resolveRegularizers(config.regularization, where),
    // Checks the unparsed value, so that a problem in one part does not hide problems in another.
    ...parts.map(
      ([key, room]) =>
        () =>
          checkPart(room, asMapping(asMapping(read)[key]), { where, path: key }),
    ),
  ]);
  return shownAsTable(config!, `model of ${where}`);
}

type Room = Readonly<Record<string, Pick<Component<never[], unknown>, "options" | "checkParts">>>;

/** Checks a stage that a session has in place of the model's. @throws ConfigError */
export function checkStage(key: keyof typeof TYPED, stage: unknown, at: Place): void {
  checkPart(TYPED[key] as Room, asMapping(stage), at);
}

function checkPart(room: Room, { type, params }: Readonly<Record<string, unknown>>, at: Place): void {
  if (typeof type !== "string") return;
  const found = componentOf(room, type, below(at, "type"));
  const place = below(at, "params");
  const tooLarge = sizeProblems(params, place.path);
  if (tooLarge.length > 0) throw new ConfigError(at.where, tooLarge);
  checkAll(at.where, [
    () => check(found.options, params ?? {}, at.where, place.path),
    () => found.checkParts?.(params, place),
  ]);
}

/** Checks that the loss is known, and that the output activation gives rates that it fits. @throws ConfigError */
function checkLoss({ loss, output_activation }: ModelConfig, where: string): void {
  const { fits } = lossOf(loss, { where, path: "loss" });
  if (fits === "any" || !outputIsSigned(output_activation)) return;
  const others = Object.keys(OUTPUT_ACTIVATIONS).filter(
    (name) => !outputIsSigned(name as OutputActivationName),
  );
  throw problemAt(
    { where, path: "output_activation" },
    `"${output_activation}" gives rates below 0, which the loss ${loss} cannot have; use ${others.join(", ")}, or the loss mse or gaussian`,
  );
}

/** Checks that only a model with spike history has a history encoder; its default is the MLP. */
function checkHistory(config: ModelConfig, where: string): void {
  if (config.model_type === "v1multi_history") config.history_encoder ??= { type: "mlp", params: {} };
  else if (config.history_encoder)
    throw problemAt(
      { where, path: "history_encoder" },
      `only a model of type v1multi_history has one, but model_type is ${config.model_type}; change it or leave this out`,
    );
}
