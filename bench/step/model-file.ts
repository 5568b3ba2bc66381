import { join } from "node:path";
import { z } from "zod";
import { ConfigError, check, readYaml } from "../../lib/config";
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

/** What is fed to a model, and what a step of it counts as. */
export type Bench = z.output<typeof schema>["bench"];

export interface ModelFile {
  bench: Bench;
  model: ModelConfig;
  /** Parts of the file's model that this version of gradbook does not have, and that were left out. */
  without: string[];
}

/** @throws ConfigError when the file is not as expected */
export function readModelFile(file: string): ModelFile {
  const { bench, model } = check(schema, readYaml(file), file);
  return { bench, ...available(model, file) };
}

const ABSENT = { adapter: { type: "none" }, modulator: { type: "none" }, regularization: [] };

/** Leaves out, one by one, the parts that are refused: a measurement without them says so instead of not being made. */
function available(
  model: Record<string, unknown>,
  file: string,
  without: string[] = [],
): Pick<ModelFile, "model" | "without"> {
  try {
    return { model: parseModelConfig(model, file), without };
  } catch (error) {
    const refused = error instanceof ConfigError ? error.problems[0]!.path.split(".")[0]! : "";
    if (!(refused in ABSENT) || without.includes(refused)) throw error;
    const rest = { ...model, [refused]: ABSENT[refused as keyof typeof ABSENT] };
    return available(rest, file, [...without, refused].sort());
  }
}
