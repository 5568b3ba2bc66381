import { createRequire, isBuiltin } from "node:module";
import { join } from "node:path";
import { types } from "node:util";
import { define, makeGlobal } from "../globals";
import { type CellValue, MODULES, RUNTIME } from "../language";
import { type Compiler, Loader } from "./loader";
import type { Namespace } from "./node-module";
import { importMeta } from "./node-module";
import type { Stacks } from "./stacks";

/** The functions that compiled cells call. */
export interface Runtime {
  readonly meta: ImportMeta;
  /**
   * Declares a cell's names: `hoisted` names have their value at once, `later` names when the cell reaches them.
   *
   * @returns whether the cell must await something first: V8 takes an error before the first `await` to be caught by the function's caller, so
   * that a debugger does not stop there
   */
  begin(hoisted: string[], later: string[]): boolean;
  reached(...names: string[]): void;
  bind(specifier: string, names: [imported: string, local: string][]): Promise<void>;
  import(specifier: string): Promise<unknown>;
  /** Awaits a cell's last value. A proxy is not awaited, because its `then` may be anything. */
  value(last: unknown): Promise<CellValue>;
  /** Called in every turn of a loop that calls something (loop-checks.ts). */
  check(): void;
}

/** The record that the runtime keeps of a session. */
export interface InstalledRuntime {
  /** The global names that cells have declared. */
  readonly names: Set<string>;
  /** Loads the user's modules. */
  readonly loader: Loader;
  /** Removes the names that a cell did not reach before it threw, if they did not exist before. @returns all names that it did not reach */
  lost(): string[];
}

/** Puts what compiled cells call, and what Node gives a script, on the global object. @param isDebugged whether a debugger is attached */
export function installRuntime(
  compiler: Compiler,
  folder: string,
  stacks: Stacks,
  isDebugged: () => boolean,
): InstalledRuntime {
  const filename = join(folder, "notebook.ts");
  /** Names that cells imported. They follow the current exports of the module. */
  const imports = new Map<string, { namespace: Namespace; imported: string }>();
  const loader = new Loader(compiler, stacks, (changed) => {
    for (const [local, { namespace, imported }] of imports)
      if (namespace === changed) Reflect.set(globalThis, local, namespace[imported]);
  });
  const declared = new Set<string>();
  let unreached = new Set<string>();
  let fresh: string[] = [];
  const runtime: Runtime = {
    meta: importMeta(filename),
    begin(hoisted, later) {
      fresh = later.filter((name) => !Object.hasOwn(globalThis, name));
      unreached = new Set(later);
      for (const name of [...hoisted, ...later]) {
        declared.add(name);
        imports.delete(name);
        makeGlobal(name);
      }
      return isDebugged();
    },
    reached(...names) {
      for (const name of names) unreached.delete(name);
    },
    async bind(specifier, pairs) {
      const namespace = await loader.import(specifier, filename);
      for (const [imported, local] of pairs) {
        Reflect.set(globalThis, local, pick(namespace, imported, specifier));
        if (imported in namespace) imports.set(local, { namespace, imported });
      }
      runtime.reached(...pairs.map(([, local]) => local));
    },
    import: (specifier) => loader.import(String(specifier), filename),
    value: async (last) => ({ value: types.isProxy(last) ? last : await last }),
    check() {},
  };
  define(globalThis, RUNTIME, runtime);
  define(globalThis, MODULES, loader);
  define(globalThis, "require", requireFrom(filename, loader));
  define(globalThis, "__dirname", folder);
  define(globalThis, "__filename", filename);
  const lost = () => {
    for (const name of unreached) if (fresh.includes(name)) Reflect.deleteProperty(globalThis, name);
    return [...unreached];
  };
  return { names: declared, loader, lost };
}

/** Returns Node's `require`, which also loads the user's TypeScript. */
function requireFrom(filename: string, loader: Loader): NodeJS.Require {
  const nodes = createRequire(filename);
  const require = (specifier: string): unknown => {
    const loaded = isBuiltin(specifier) ? undefined : loader.require(specifier, filename);
    return loaded ? loaded.value : nodes(specifier);
  };
  return Object.assign(require, nodes);
}

function pick(namespace: Record<string, unknown>, name: string, specifier: string): unknown {
  if (name === "*") return namespace;
  if (name in namespace) return namespace[name];
  const whole = namespace.default as Record<string, unknown> | undefined;
  // A CommonJS module compiled from TypeScript may have no default; the default is then the whole module.
  if (name === "default") return namespace;
  // Members of a class's instance, and of a function.
  if (whole && ["function", "object"].includes(typeof whole) && name in whole) return whole[name];
  throw new SyntaxError(`The module "${specifier}" has no export named "${name}"`);
}
