import { z } from "zod";
import { ConfigError, check, type Problem, readYaml } from "../../base/config";

const choice = z.union([z.string(), z.number(), z.boolean(), z.null()]);

/** A parameter's values, as the space file gives them. */
const schema = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("float"),
    low: z.number(),
    high: z.number(),
    log: z.boolean().optional(),
    step: z.number().positive().optional(),
  }),
  z.strictObject({
    type: z.literal("int"),
    low: z.int(),
    high: z.int(),
    log: z.boolean().optional(),
    step: z.int().positive().optional(),
  }),
  z.strictObject({ type: z.literal("categorical"), choices: z.array(choice).min(1) }),
]);

/** The distribution of one parameter. */
export type Distribution = z.output<typeof schema>;
/** A value of a parameter. */
export type Value = z.output<typeof choice>;
/** The values of one trial, by parameter. */
export type Point = Readonly<Record<string, Value>>;
/** The space of a search: distributions by the parameters' names. */
export type Space = Readonly<Record<string, Distribution>>;

/**
 * Reads a space file: YAML with a distribution for each parameter.
 *
 * @param isGrid every parameter must have a finite number of values
 * @throws ConfigError with all problems of the file
 */
export function readSpace(file: string, isGrid = false): Space {
  const given = readYaml(file);
  if (given === null || typeof given !== "object" || Array.isArray(given)) {
    const message =
      "must hold parameters, such as learning_rate: {type: float, low: 1e-4, high: 1e-2, log: true}";
    throw new ConfigError(file, [{ path: "", message }]);
  }
  const space = check(z.record(z.string(), schema), given, file);
  const problems = Object.entries(space).flatMap(([name, distribution]) =>
    problemsOf(distribution, isGrid).map((message): Problem => ({ path: name, message })),
  );
  if (problems.length > 0) throw new ConfigError(file, problems);
  return space;
}

function problemsOf(distribution: Distribution, isGrid: boolean): string[] {
  if (distribution.type === "categorical") return [];
  const { type, low, high, log, step } = distribution;
  return [
    ...(low > high ? [`low (${low}) must not be above high (${high})`] : []),
    ...(log && low <= 0 ? [`low must be above 0 where log is true; found ${low}`] : []),
    ...(log && step !== undefined ? ["step and log cannot be given together; leave one out"] : []),
    ...(isGrid && type === "float" && step === undefined
      ? ["needs a step, or must be categorical, for --sampler grid"]
      : []),
  ];
}
