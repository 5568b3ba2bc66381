import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { notOneOf } from "../config";
import type { Component } from "./component";
import { loadModule } from "./load-module";
import { type Place, problemAt } from "./place";

/** Whether a type names an export of a module, `./my_core.ts#MyCore`, and not a part of the library. */
export const isCustom = (type: string): boolean => type.includes("#");

/**
 * A part of a user's own: what `component` made, exported by a module, TypeScript or JavaScript, whose path is relative to the
 * configuration file.
 *
 * @throws ConfigError when there is no such file or export, when the module fails, or when the export is no component
 */
export function customComponent<C extends Component<never[], unknown>>(type: string, at: Place): C {
  const [path = "", name = ""] = type.split("#");
  const folder = existsSync(at.where) ? dirname(resolve(at.where)) : process.cwd();
  const file = resolve(folder, path);
  if (!existsSync(file)) throw problemAt(at, `"${type}": there is no file ${file}`);
  const exports = load(file, at);
  if (!Object.hasOwn(exports, name))
    throw problemAt(at, `${path} has no such export: ${notOneOf(name, Object.keys(exports))}`);
  const found = exports[name];
  if (!isComponent(found))
    throw problemAt(at, `${name} of ${path} is no component; make it by component(options, plan)`);
  return found as C;
}

function load(file: string, at: Place): Readonly<Record<string, unknown>> {
  try {
    return loadModule(file);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.split("\n")[0] : String(cause);
    throw problemAt(at, `${file} cannot be loaded: ${reason}`, { cause });
  }
}

function isComponent(value: unknown): boolean {
  if (value === null || typeof value !== "object") return false;
  const { options, plan } = value as Partial<Component<never[], unknown>>;
  return typeof plan === "function" && typeof options?.safeParse === "function";
}
