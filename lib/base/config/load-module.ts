import { createRequire } from "node:module";
import type { BuildFailure } from "esbuild";

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
export function loadModule(file: string): Exports {
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
