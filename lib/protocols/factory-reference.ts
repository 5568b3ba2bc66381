import { isAbsolute, resolve } from "node:path";
import { ConfigError } from "../base/config";
import { importModule } from "../base/config/user-module";
import type { FactoryReference } from "./module";

/**
 * Makes an object, such as a training module or a callback, from an export of a module, so that the worker processes of
 * several `devices` can make it too. Objects that are defined in a notebook's cell or in the script itself exist in
 * that process only.
 *
 * @param from the module's path, relative to the working folder, and the name of a function or class in it:
 * `./my-callback.ts#MyCallback`
 * @param options its only argument; plain data
 * @throws ConfigError when the module has no such export
 * @example
 * const experiment = await fromModule<TrainingModule>("./digits.ts#makeDigits", { hidden: 64 });
 * const callback = await fromModule<Callback>("./watch.ts#Watch", { every: 10 });
 */
export async function fromModule<T extends object>(from: string, options: unknown = {}): Promise<T> {
  const at = from.lastIndexOf("#");
  if (at < 0) throw new ConfigError(from, [{ path: "", message: "names no export: write ./file.ts#name" }]);
  const recipe = { module: resolve(from.slice(0, at)), name: from.slice(at + 1), options };
  const made = await instantiate<T>(recipe);
  return Object.assign(made, { recipe });
}

/** Makes the object of a factory reference. @throws ConfigError when the module has no such export */
export async function instantiate<T>({ module, name, options }: FactoryReference): Promise<T> {
  const exports = await importModule(isAbsolute(module) ? module : resolve(module));
  const make = exports[name];
  if (typeof make !== "function") {
    const message = `exports no function or class ${name}; available: ${Object.keys(exports).join(", ")}`;
    throw new ConfigError(module, [{ path: "", message }]);
  }
  const isClass = /^class\b/.test(Function.prototype.toString.call(make));
  return isClass ? new (make as new (options: unknown) => T)(options) : make(options);
}
