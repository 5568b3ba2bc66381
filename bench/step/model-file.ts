import { join } from "node:path";
import { z } from "zod";
import { check, readYaml } from "../../lib/base/config";
import { type ModelConfig, parseModelConfig } from "../../lib/model";

export const SIZES = ["small", "medium", "large"] as const;
/** The number of sessions and of the units of each, for the model `units.yaml`. */
export const UNITS = ["5x1000", "10x1000", "5x8000", "10x8000"] as const;
/** A model's file, or numbers of sessions and units of `units.yaml`. */
export type Size = (typeof SIZES)[number] | (typeof UNITS)[number];

/** All sizes, in the order of reports. */
export const ALL_SIZES: readonly Size[] = [...SIZES, ...UNITS];

/** Whether a size is one of `units.yaml`. */
export const hasManyUnits = (size: Size): boolean => UNITS.some((each) => each === size);

export const modelFile = (size: Size) =>
  join(__dirname, "..", "models", `${hasManyUnits(size) ? "units" : size}.yaml`);

/** Reads the model of a size. @throws ConfigError when the file is not as expected */
export const readModel = (size: Size): ModelFile =>
  readModelFile(modelFile(size), hasManyUnits(size) ? size : undefined);

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

/**
 * @param sessions the number of sessions and of the units of each, such as `10x8000`, in place of the file's
 * @throws ConfigError when the file is not as expected
 */
export function readModelFile(file: string, sessions?: string): ModelFile {
  const { bench, model } = check(schema, readYaml(file), file);
  const [count, units] = sessions?.split("x").map(Number) ?? [];
  const replaced = count && units ? { ...bench, units: Array<number>(count).fill(units) } : bench;
  return { bench: replaced, model: parseModelConfig(model, file) };
}

/** Returns the number of behaviour variables that a model reads. */
export const behaviorDim = ({ modulator }: ModelConfig) => Number(modulator.params.behavior_dim ?? 0);
