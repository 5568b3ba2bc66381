import { join } from "node:path";
import { z } from "zod";
import { check, readYaml } from "../../lib/base/config";
import { type ModelConfig, parseModelConfig } from "../../lib/model";

export const SIZES = ["small", "medium", "large"] as const;
export type Size = (typeof SIZES)[number];

export const modelFile = (size: Size) => join(__dirname, "..", "models", `${size}.yaml`);

const whole = z.int().positive();
const schema = z.strictObject({
  bench: z.strictObject({
    batch_size: whole,
    lags: whole,
    height: whole,
    width: whole,
    /** One entry per dataset. */
    units: z.array(whole).min(1),
    learning_rate: z.number().positive(),
    core_lr_scale: z.number().nonnegative(),
    weight_decay: z.number().nonnegative(),
    gradient_clip_val: z.number().positive(),
    steps: whole,
    gflop_per_step: z.number().positive(),
  }),
  model: z.record(z.string(), z.unknown()),
});

/** The input of a model, and the operations credited to one of its steps. */
export type Bench = z.output<typeof schema>["bench"];

export interface ModelFile {
  bench: Bench;
  model: ModelConfig;
}

/** @throws ConfigError when the file is not as expected */
export function readModelFile(file: string): ModelFile {
  const { bench, model } = check(schema, readYaml(file), file);
  return { bench, model: parseModelConfig(model, file) };
}

/** Returns the number of behaviour variables that a model reads. */
export const behaviorDim = ({ modulator }: ModelConfig) => Number(modulator.params.behavior_dim ?? 0);
