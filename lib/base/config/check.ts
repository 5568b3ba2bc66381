import { z } from "zod";
import { briefJson, ConfigError, notOneOf, type Problem } from "./errors";

/** Marks an issue whose message is complete: `check` reports it as it is. */
const COMPLETE = "complete";

/**
 * Returns a schema that delegates to a checking function, for parts whose options depend on their type. The problems of the ConfigError
 * that the function throws become problems of the whole configuration.
 *
 * @param checkValue returns the checked value; the paths of its problems begin at the value
 */
export function checkedBy<Output, Input = unknown>(
  checkValue: (value: unknown) => Output,
): z.ZodType<Output, Input> {
  const schema = z.unknown().transform((value, context) => {
    try {
      return checkValue(value);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      for (const { path, message } of error.problems)
        context.issues.push({
          code: "custom",
          input: value,
          message,
          params: { [COMPLETE]: true },
          path: path === "" ? [] : path.split("."),
        });
      return z.NEVER;
    }
  });
  return schema as z.ZodType as z.ZodType<Output, Input>;
}

/**
 * The options that a user may give by the shape of their schema: keys with a default are optional. The doc comments of the shape's keys are
 * those of the options, also in declaration files and on hover, if the shape is a constant of its own.
 */
export type OptionsOf<Shape extends z.core.$ZodLooseShape> = {
  [Key in keyof z.input<z.ZodObject<Shape>>]: z.input<z.ZodObject<Shape>>[Key];
};

/**
 * Checks a value against a schema and returns it typed, defaults filled in.
 *
 * @param schema strict objects (`z.strictObject`) report unknown keys together with the allowed ones
 * @param value what was read
 * @param where the file or function that the value came from, for the message
 * @param path key path of `value` inside it
 * @throws ConfigError with every problem found
 */
export function check<S extends z.ZodType>(schema: S, value: unknown, where: string, path = ""): z.output<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const problems = result.error.issues.flatMap((issue) => problemsOf(schema, value, issue, path));
  throw new ConfigError(where, problems);
}

function problemsOf(schema: z.ZodType, root: unknown, issue: z.core.$ZodIssue, prefix: string): Problem[] {
  const path = [prefix, ...issue.path].filter((p) => p !== "").join(".");
  if (issue.code === "unrecognized_keys") {
    const allowed = keysAt(schema, root, issue.path);
    return issue.keys.map((key) => ({
      path,
      message: allowed.length
        ? `unknown key ${notOneOf(key, allowed)}`
        : `unknown key "${key}": this section has no options`,
    }));
  }
  if (issue.code === "custom" && issue.params?.[COMPLETE]) return [{ path, message: issue.message }];
  const found = issue.path.reduce<unknown>(valueAt, root);
  if (issue.code === "invalid_union" && "options" in issue && issue.options) {
    const allowed = issue.options.map(String);
    const word = typeof found === "string" ? found : briefJson(found);
    const message =
      found === undefined ? `missing; must be one of: ${allowed.join(", ")}` : notOneOf(word, allowed);
    return [{ path, message }];
  }
  if (issue.code === "invalid_value" && (typeof found === "string" || typeof found === "number"))
    return [{ path, message: notOneOf(String(found), issue.values.map(String)) }];
  if (found === undefined && issue.code !== "custom")
    return [{ path, message: `missing (${lowerFirst(issue.message)})` }];
  return [{ path, message: `${lowerFirst(issue.message)}; found ${briefJson(found)}` }];
}

const lowerFirst = (text: string) => text.charAt(0).toLowerCase() + text.slice(1);

const valueAt = (at: unknown, key: PropertyKey): unknown =>
  at !== null && typeof at === "object" ? (at as Record<PropertyKey, unknown>)[key] : undefined;

/** The keys that the object schema at `path` allows. @param root the value, whose discriminators choose among schemas */
function keysAt(schema: z.ZodType, root: unknown, path: readonly PropertyKey[]): string[] {
  let at = unwrap(schema, root);
  let value = root;
  for (const key of path) {
    value = valueAt(value, key);
    if (at instanceof z.ZodObject) at = unwrap(at.shape[String(key)], value);
    else if (at instanceof z.ZodArray) at = unwrap(at.element, value);
    else if (at instanceof z.ZodRecord) at = unwrap(at.valueType, value);
    else return [];
  }
  return at instanceof z.ZodObject ? Object.keys(at.shape) : [];
}

/** The schema of `value` within defaults, pipes and discriminated unions. */
function unwrap(schema: unknown, value: unknown): unknown {
  let at = schema;
  for (;;) {
    if (at instanceof z.ZodDefault || at instanceof z.ZodOptional || at instanceof z.ZodNullable)
      at = at.unwrap();
    else if (at instanceof z.ZodPrefault) at = at.unwrap();
    else if (at instanceof z.ZodPipe) at = at.in instanceof z.ZodTransform ? at.out : at.in;
    else if (at instanceof z.ZodDiscriminatedUnion) at = chosen(at, value);
    else return at;
  }
}

/** The schema of a union that accepts the value's discriminator. */
function chosen({ options, def }: z.ZodDiscriminatedUnion, value: unknown): unknown {
  const tag = valueAt(value, def.discriminator);
  return options.find(
    (option) => option instanceof z.ZodObject && option.shape[def.discriminator].safeParse(tag).success,
  );
}
