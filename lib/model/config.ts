import { z } from "zod";
import { check, readYaml } from "../config";
import { type Component, componentOf } from "../nn";
import { regularizerSchema } from "../regularizers/config";
import { adapters } from "./adapter";
import { convnets } from "./convnet";
import { frontends } from "./frontend";
import { modulators } from "./modulator";
import { OUTPUT_ACTIVATIONS, type OutputActivationName } from "./output";
import { readouts } from "./readout";
import { recurrents } from "./recurrent";

const stage = z.strictObject({
  type: z.string(),
  params: z
    .record(z.string(), z.unknown())
    .nullish()
    .transform((params) => params ?? {}),
});
const absent = { type: "none", params: {} };
const outputs = z.enum(Object.keys(OUTPUT_ACTIVATIONS) as [OutputActivationName]);

const schema = z.strictObject({
  model_type: z.enum(["v1", "v1multi"]).default("v1multi"),
  /** Frames per second that the model is served. */
  sampling_rate: z.number().positive().default(120),
  initial_input_channels: z.literal(1).default(1),
  adapter: stage.default(absent),
  frontend: stage.default(absent),
  convnet: stage.default(absent),
  modulator: stage.default(absent),
  recurrent: stage.default(absent),
  readout: stage,
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
});

/** A model configuration, defaults filled in: plain data with the names of the YAML file. */
export type ModelConfig = z.output<typeof schema>;

/** The stages between stimulus and rate, in order, and what may stand in each. */
export const STAGES = {
  adapter: adapters,
  frontend: frontends,
  convnet: convnets,
  modulator: modulators,
  recurrent: recurrents,
  readout: readouts,
} as const;

/**
 * Reads a model configuration.
 *
 * @throws ConfigError that names the file, the key, and what is allowed
 */
export function readModelConfig(file: string): ModelConfig {
  return parseModelConfig(readYaml(file), file);
}

/**
 * Checks a model configuration; what depends on sizes is checked by `buildModel`.
 *
 * @param where the file or function it came from, for errors
 * @throws ConfigError
 */
export function parseModelConfig(value: unknown, where: string): ModelConfig {
  const config = check(schema, value, where);
  for (const [name, room] of Object.entries(STAGES)) {
    const { type, params } = config[name as keyof typeof STAGES];
    const found: Component<never[], unknown> = componentOf(
      room as Record<string, Component<never[], unknown>>,
      type,
      {
        where,
        path: `${name}.type`,
      },
    );
    check(found.options, params, where, `${name}.params`);
  }
  return config;
}
