import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, resolve } from "node:path";
import type { BuildFailure } from "esbuild";
import { notOneOf } from "./errors";
import { type Place, problemAt } from "./yaml";

type Exports = Readonly<Record<string, unknown>>;

/** The compiled code and the exports of each loaded TypeScript module. */
const loaded = new Map<string, { code: string; exports: Exports }>();

/**
 * Loads a user's module into this process, so that both use the same copy of the library. Node loads JavaScript; TypeScript is compiled
 * first.
 *
 * @param file absolute
 * @throws SyntaxError when the source does not compile; any error that the module itself throws
 */
function loadModule(file: string): Exports {
  return compiles(file) ? loadTypeScript(file) : (createRequire(file)(file) as Exports);
}

/** Loads a module that may use `await` at its top level, as modules of a notebook may. */
export async function importModule(file: string): Promise<Exports> {
  const cells = compiles(file) ? ofCells() : undefined;
  return cells ? cells.importFile(file) : loadModule(file);
}

/**
 * Loads a TypeScript module and the files that it imports by a relative path. It reloads them when their source has changed, so that a
 * notebook sees an edit without a restart. Types are not checked.
 */
export function loadTypeScript(file: string): Exports {
  const cells = ofCells();
  if (cells) return cells.loadFile(file);
  const code = compiled(file);
  const before = loaded.get(file);
  if (before?.code === code) return before.exports;
  const module = { exports: {} as Exports };
  // Node wraps CommonJS modules in the same way. Packages resolve from the module's own folder.
  const body = new Function("module", "exports", "require", `${code}\n//# sourceURL=${file}`);
  body(module, module.exports, createRequire(file));
  loaded.set(file, { code, exports: module.exports });
  return module.exports;
}

/** The module loader of gradbook's kernel. Cells and the library share one instance of each module. */
interface CellsLoader {
  importFile(file: string): Promise<Exports>;
  loadFile(file: string): Exports;
}

const ofCells = () =>
  (globalThis as Record<symbol, unknown>)[Symbol.for("gradbook.modules")] as CellsLoader | undefined;

/**
 * Whether to compile the file here. When the library itself runs as TypeScript, the process already loads TypeScript, and a compiled copy
 * would not share the library.
 */
const compiles = (file: string) => isTypeScript(file) && !isTypeScript(__filename);

const isTypeScript = (file: string) => /\.[mc]?ts$/.test(file);

function compiled(file: string): string {
  const esbuild = createRequire(__filename)("esbuild") as typeof import("esbuild");
  try {
    const { outputFiles } = esbuild.buildSync({
      entryPoints: [file],
      bundle: true,
      packages: "external",
      platform: "node",
      target: "node20",
      format: "cjs",
      write: false,
      logLevel: "silent",
      // The project's own tsconfig could map a package's name to a file, which would load a second copy.
      tsconfigRaw: "{}",
    });
    return outputFiles[0]!.text;
  } catch (cause) {
    const [error] = (cause as BuildFailure).errors ?? [];
    if (!error) throw cause;
    const at = error.location ? `line ${error.location.line}, column ${error.location.column + 1}: ` : "";
    throw new SyntaxError(at + error.text, { cause });
  }
}

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
  if (!existsSync(file)) throw problemAt(at, `"${type}": the file ${file} does not exist`);
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
