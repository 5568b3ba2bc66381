import { z } from "zod";
import { check, checkTyped, type OptionsOf, type Part, partOf, type UserType } from "../../base/config";
import { tf } from "../../engine";
import { type AdamSettings, adam, adamw } from "./adam";
import { describeTfjs, fromTfjs, type TfjsDescription } from "./from-tfjs";
import { type MuonSettings, muon } from "./muon";
import { type Optimized, StepOptimizer, type StepOptions } from "./optimizer";
import { type Optimizer, type OptimizerFactory, WrappedOptimizer } from "./own";
import { type LionSettings, lion, type SGDSettings, sgd } from "./sgd";

type OptimizerPart = Part<
  "optimizer",
  [parameters: readonly Optimized[], options: StepOptions],
  Optimizer | StepOptimizer
>;

/** `type` → optimizer. */
export const optimizers = { adamw, adam, sgd, lion, muon } as const satisfies Record<string, OptimizerPart>;

const library: Readonly<Record<string, OptimizerPart>> = optimizers;

/** The name of one of the library's optimizers. */
export type OptimizerName = keyof typeof optimizers;

/** An optimizer and its options; the type determines the options. A function or a tfjs optimizer may replace the object. */
export type OptimizerOptions =
  | (CommonOptimizerOptions & { type?: "adamw" } & AdamSettings)
  | (CommonOptimizerOptions & { type: "adam" } & AdamSettings)
  | (CommonOptimizerOptions & { type: "sgd" } & SGDSettings)
  | (CommonOptimizerOptions & { type: "lion" } & LionSettings)
  | (CommonOptimizerOptions & { type: "muon" } & MuonSettings)
  | (CommonOptimizerOptions & { type: UserType; [option: string]: unknown })
  | (CommonOptimizerOptions & { type: OptimizerFactory | tf.Optimizer })
  | OptimizerFactory
  | tf.Optimizer;

/** The key of an optimizer that was given as a function. It is a symbol, so the function is never written into files. */
const FACTORY = Symbol("factory");

/** Checked options with defaults filled in: plain data, apart from a function. */
export interface CheckedOptimizer {
  /** A name in `optimizers`, an export of a module, `tfjs`, or `function`. */
  readonly type: string;
  readonly lr: number;
  readonly coreLrScale: number;
  readonly weightDecay: number;
  readonly [option: string]: unknown;
  readonly [FACTORY]?: OptimizerFactory;
}

const commonShape = {
  /** The learning rate. Default 1e-4; for a tfjs optimizer, the rate of the object. */
  lr: z.number().positive().default(1e-4),
  /** The core's learning rate divided by `lr`. Default 1. */
  coreLrScale: z.number().nonnegative().default(1),
  /** The weight decay. Default 1e-5; 0 for a function or a tfjs optimizer. */
  weightDecay: z.number().nonnegative().default(1e-5),
};

/**
 * The options of every type of optimizer.
 *
 * @interface
 */
export type CommonOptimizerOptions = OptionsOf<typeof commonShape>;

const common = z.strictObject(commonShape);

const optionsSchema = z.looseObject(
  {
    type: z
      .union([z.string(), z.custom<OptimizerFactory | tf.Optimizer>(isObject)], {
        error: `must be one of ${Object.keys(optimizers).join(", ")}, ./file.ts#export, an optimizer of tfjs, or a function`,
      })
      .default("adamw"),
  },
  { error: 'must be an object such as { type: "adamw", lr: 1e-3 }, an optimizer of tfjs, or a function' },
);

function isObject(value: unknown): value is OptimizerFactory | tf.Optimizer {
  return typeof value === "function" || value instanceof tf.Optimizer;
}

/** @throws ConfigError for an unknown type, unknown options, and invalid values */
export function parseOptimizer(value: unknown, where = "optimizer"): CheckedOptimizer {
  const given = isObject(value) ? { type: value } : value;
  const { type, ...options } = check(optionsSchema, given, where);
  if (type instanceof tf.Optimizer) {
    const { learningRate, ...described } = describeTfjs(type);
    const checked = check(common, { weightDecay: 0, lr: learningRate, ...options }, where);
    return { type: "tfjs", ...checked, ...described };
  }
  if (typeof type === "function") {
    const checked = check(common, { weightDecay: 0, ...options }, where);
    return { type: "function", ...checked, name: type.name, [FACTORY]: type };
  }
  const typed = checkTyped({ kind: "optimizer", library, common }, { type, ...options }, { where, path: "" });
  return { type, ...typed.common, ...typed.own };
}

/** Whether another process can make the optimizer. It can load modules, but has no access to functions of this process. */
export const isPortable = ({ type }: CheckedOptimizer): boolean => type !== "function";

/** Makes an optimizer of parameters. @throws ConfigError when a user's module fails or has changed since it was checked */
export function makeOptimizer(
  { type, lr: _, coreLrScale, weightDecay, ...own }: CheckedOptimizer,
  parameters: readonly Optimized[],
  clip: Pick<StepOptions, "gradientClipVal" | "gradientClipAlgorithm">,
): StepOptimizer {
  const options = { ...clip, coreLrScale, weightDecay };
  const wrap = (name: string, optimizer: Optimizer) =>
    new WrappedOptimizer(name, parameters, optimizer, options);
  const { [FACTORY]: factory } = own;
  if (factory) return wrap(factory.name || "optimizer", factory(parameters));
  if (type === "tfjs") {
    const description = own as unknown as TfjsDescription;
    return wrap(description.className, fromTfjs(description, parameters));
  }
  const at = { where: "Trainer", path: "optimizer" };
  const made = partOf("optimizer", library, type, at).make(own, at, parameters, options);
  return made instanceof StepOptimizer ? made : wrap(type, made);
}
