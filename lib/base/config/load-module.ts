import { createRequire } from "node:module";
import type { BuildFailure } from "esbuild";

type Exports = Readonly<Record<string, unknown>>;

/** Of each TypeScript module: what it was compiled to, and what that exports. */
const loaded = new Map<string, { code: string; exports: Exports }>();

/**
 * Loads a module of a user's own into this process, where it shares the library. JavaScript is loaded by Node, TypeScript is
 * compiled.
 *
 * @param file absolute
 * @throws Error for a text that does not compile, and whatever the module throws
 */
export function loadModule(file: string): Exports {
  return compiles(file) ? loadTypeScript(file) : (createRequire(file)(file) as Exports);
}

/** The same for a module that may await at its top level, which a notebook's may. */
export async function importModule(file: string): Promise<Exports> {
  const cells = compiles(file) ? ofCells() : undefined;
  return cells ? cells.importFile(file) : loadModule(file);
}

/**
 * Loads a TypeScript module together with the files that it imports by a relative path, anew whenever their text has changed,
 * so that a notebook sees an edit without a restart. Types are not checked: that is the editor's work.
 */
export function loadTypeScript(file: string): Exports {
  const cells = ofCells();
  if (cells) return cells.loadFile(file);
  const code = compiled(file);
  const before = loaded.get(file);
  if (before?.code === code) return before.exports;
  const module = { exports: {} as Exports };
  // As Node wraps a CommonJS module; packages come from the module's own folder.
  const body = new Function("module", "exports", "require", `${code}\n//# sourceURL=${file}`);
  body(module, module.exports, createRequire(file));
  loaded.set(file, { code, exports: module.exports });
  return module.exports;
}

/** What loads modules for the cells of a notebook in gradbook's kernel: there a module is one instance, whoever comes first. */
interface CellsLoader {
  importFile(file: string): Promise<Exports>;
  loadFile(file: string): Exports;
}

const ofCells = () =>
  (globalThis as Record<symbol, unknown>)[Symbol.for("gradbook.modules")] as CellsLoader | undefined;

/** When the library itself runs as TypeScript, the process reads it, and a compiled copy would not share the library. */
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
      // A project's own settings could turn a package's name into a file, and that into a second copy.
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
