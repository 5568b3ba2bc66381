import { isAbsolute, resolve } from "node:path";
import { ConfigError, isUserType, type Problem, problemsOf, readYaml } from "../../base/config";
import { parseModelConfig } from "../../model";
import type { Point } from "../search/space";

/** The beginning of names that stand for keys of the model's YAML file, such as `model.convnet.params.channels.0`. */
export const MODEL = "model.";

/** The values of a point whose names stand for keys of the model's file, by these keys. */
export function modelValues(point: Point): Point {
  const entries = Object.entries(point).filter(([name]) => name.startsWith(MODEL));
  return Object.fromEntries(entries.map(([name, value]) => [name.slice(MODEL.length), value]));
}

/**
 * Reads a model's YAML file and replaces values in it.
 *
 * @param values by dotted key path; a number in a path is a position in a list; keys that the file lacks are added
 * @param at names the file that the values come from, for errors
 * @returns a copy that can be written to another folder: paths of users' modules are absolute
 * @throws ConfigError when a path leads nowhere, or the model is invalid with these values
 */
export function overriddenModel(model: string, values: Point, at: string): unknown {
  const copy = structuredClone(readYaml(model));
  const misplaced = Object.entries(values).flatMap(([path, value]): Problem[] => {
    const message = replace(copy, path.split("."), value);
    return message ? [{ path: MODEL + path, message: `${model} has ${message}` }] : [];
  });
  const invalid = problemsOf(() => parseModelConfig(copy, model));
  const problems = [...misplaced, ...invalid.map(({ path, message }) => ({ path: MODEL + path, message }))];
  if (problems.length > 0) throw new ConfigError(at, problems);
  return withAbsoluteModules(copy, resolve(model, ".."));
}

/** Sets the value at a path. @returns what is in its way */
function replace(root: unknown, path: readonly string[], value: Point[string]): string | undefined {
  let at = root;
  for (const [depth, key] of path.entries()) {
    if (at === null || typeof at !== "object") return `${JSON.stringify(at)} here, which has no keys`;
    if (Array.isArray(at) && !(/^\d+$/.test(key) && Number(key) < at.length))
      return `a list of ${at.length} here, numbered from 0`;
    const holder = at as Record<string, unknown>;
    if (depth === path.length - 1) holder[key] = value;
    else holder[key] ??= {};
    at = holder[key];
  }
  return undefined;
}

/** Copies a configuration with types of users' modules (`./core.ts#Core`) as absolute paths. */
function withAbsoluteModules(value: unknown, folder: string): unknown {
  if (typeof value === "string")
    return isUserType(value) && !isAbsolute(value) ? resolve(folder, value) : value;
  if (Array.isArray(value)) return value.map((each) => withAbsoluteModules(each, folder));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, withAbsoluteModules(each, folder)]),
  );
}
