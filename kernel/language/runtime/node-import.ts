import { join } from "node:path";
import { constants, Script } from "node:vm";
import { packageRoot } from "../../../lib/setup/project";
import { isOwn } from "../own-package";

type Import = (specifier: string) => Promise<Namespace>;
export type Namespace = Record<string, unknown>;

const importers = new Map<string, Import>();

/** Node's own `import()`, as if written in a file of `folder`: `exports` maps, ESM and CommonJS, one copy of each module. */
export async function nodeImport(specifier: string, folder: string): Promise<Namespace> {
  // Stock tslab's package draws through its own kernel only.
  if (specifier === "tslab") return frontEnd()?.tslab ?? withCommonJs(await importFrom(folder)(specifier));
  try {
    return withCommonJs(await importFrom(folder)(specifier));
  } catch (error) {
    if (!isOwn(specifier) || !isMissing(error, specifier)) throw error;
    return withCommonJs(await importFrom(packageRoot())(specifier));
  }
}

const frontEnd = () =>
  (globalThis as Record<symbol, unknown>)[Symbol.for("gradbook.kernel")] as { tslab: Namespace } | undefined;

function importFrom(folder: string): Import {
  let found = importers.get(folder);
  if (!found) {
    const script = new Script("(specifier) => import(specifier)", {
      filename: join(folder, "cell.js"),
      importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    });
    const load = script.runInThisContext() as Import;
    found = (specifier) => quietly(() => load(specifier));
    importers.set(folder, found);
  }
  return found;
}

/** Node 20 calls the way in experimental, in the middle of a user's output. */
function quietly<T>(call: () => T): T {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return call();
  } finally {
    process.emitWarning = emitWarning;
  }
}

const isMissing = (error: unknown, specifier: string) => {
  const { code, message } = error as { code?: string; message?: string };
  return code === "ERR_MODULE_NOT_FOUND" && !!message?.includes(`'${specifier.split("/", 2)[0]}`);
};

/**
 * What TypeScript promises of a CommonJS module: compiled from a module, its exports are that module's; any other has its
 * properties as names, also those that Node does not find by reading its text.
 */
function withCommonJs(namespace: Namespace): Namespace {
  const exports = namespace.default as Namespace | undefined;
  if (typeof exports !== "object" || exports === null) return namespace;
  if (exports.__esModule) return exports;
  const names = Object.keys(namespace).filter((name) => name !== "default" && name !== "module.exports");
  const isCommonJs = names.every((name) => name in exports && exports[name] === namespace[name]);
  const missing = Object.keys(exports).some((name) => !(name in namespace));
  return isCommonJs && missing ? { ...exports, default: exports } : namespace;
}
