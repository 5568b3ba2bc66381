import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { loadModule } from "./load-module";
import { type Place, problemAt } from "./place";
import { notOneOf } from "./suggest";

/** A type that names an export of a user's module: `./my_core.ts#MyCore`. */
export type UserType = `${string}#${string}`;

/** Whether a type names an export of a user's module rather than a part of the library. */
export const isUserType = (type: string): type is UserType => type.includes("#");

/**
 * Returns an export of a user's module, written in TypeScript or JavaScript. The path is relative to the configuration file that
 * names it, or to the working folder when the type was given in code.
 *
 * @param requirement returns why a value cannot be used, or undefined when it can
 * @throws ConfigError when the file or the export does not exist, when the module fails, or when the export cannot be used
 */
export function userExport(
  type: UserType,
  at: Place,
  requirement: (value: unknown) => string | undefined,
): unknown {
  const [path = "", name = ""] = type.split("#");
  const file = moduleFile(type, at.where);
  if (!existsSync(file)) throw problemAt(at, `"${type}": there is no file ${file}`);
  const exports = load(file, at);
  if (!Object.hasOwn(exports, name))
    throw problemAt(at, `${path} has no such export: ${notOneOf(name, Object.keys(exports))}`);
  const problem = requirement(exports[name]);
  if (problem) throw problemAt(at, `${name} of ${path} ${problem}`);
  return exports[name];
}

function moduleFile(type: UserType, where: string): string {
  const folder = existsSync(where) ? dirname(resolve(where)) : process.cwd();
  return resolve(folder, type.split("#")[0]!);
}

/**
 * Returns the modules that may run when a configuration is used. Every key and string that could be a user's type counts, at any depth.
 *
 * @param where the configuration's file
 */
export function modulesNamedIn(config: unknown, where: string): string[] {
  const texts = (value: unknown): string[] => {
    if (typeof value === "string") return [value];
    if (value === null || typeof value !== "object") return [];
    return Object.entries(value).flatMap(([key, inner]) => [key, ...texts(inner)]);
  };
  const files = texts(config)
    .filter(isUserType)
    .map((type) => moduleFile(type, where));
  return [...new Set(files)];
}

function load(file: string, at: Place): Readonly<Record<string, unknown>> {
  try {
    return loadModule(file);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.split("\n")[0] : String(cause);
    throw problemAt(at, `${file} cannot be loaded: ${reason}`, { cause });
  }
}
