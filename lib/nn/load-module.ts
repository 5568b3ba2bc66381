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
  // When the library itself runs as TypeScript, the process reads it, and a compiled copy would not share the library.
  const compiles = isTypeScript(file) && !isTypeScript(__filename);
  return compiles ? loadTypeScript(file) : (createRequire(file)(file) as Exports);
}

/**
 * Loads a TypeScript module together with the files that it imports by a relative path, anew whenever their text has changed,
 * so that a notebook sees an edit without a restart. Types are not checked: that is the editor's work.
 */
export function loadTypeScript(file: string): Exports {
  const imported = importedByCells(file);
  if (imported) return imported;
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

/** gradbook's kernel tells which modules cells have imported: what a configuration names is then the same instance. */
function importedByCells(file: string): Exports | undefined {
  const modules = (globalThis as Record<symbol, unknown>)[Symbol.for("gradbook.modules")];
  return (modules as ((file: string) => Exports | undefined) | undefined)?.(file);
}

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
