import { createRequire, isBuiltin } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { types } from "node:util";
import { constants, Script } from "node:vm";
import { packageRoot } from "../../../lib/base/files/package";
import { isOwn } from "../language";
import { type Step, step } from "./steps";

type Import = (specifier: string) => Promise<Namespace>;
export type Namespace = Record<string, unknown>;

const importers = new Map<string, Import>();

/**
 * Imports by Node's own `import()`, as if written in a file of `folder`: `exports` maps, ESM and CommonJS, one copy of
 * each module.
 */
export function nodeModule(specifier: string, folder: string): Step<Namespace> {
  // The package of stock tslab can only draw through its own kernel.
  const tslab = specifier === "tslab" ? frontEnd()?.tslab : undefined;
  if (tslab) return step(() => tslab);
  const elsewhere = (error: unknown) => {
    if (!isOwn(specifier) || !isMissing(error, specifier)) throw error;
    return packageRoot();
  };
  return {
    async later() {
      const load = importFrom(folder);
      return withCommonJs(
        await load(specifier).catch((error: unknown) =>
          isOfJson(error) ? required(specifier, folder) : importFrom(elsewhere(error))(specifier),
        ),
      );
    },
    now() {
      try {
        return required(specifier, folder);
      } catch (error) {
        return required(specifier, elsewhere(error));
      }
    },
  };
}

/** Loads the same instance synchronously, by `require`. */
function required(specifier: string, folder: string): Namespace {
  const name = specifier.startsWith("file:") ? fileURLToPath(specifier) : specifier;
  const exports = quietly(() => createRequire(join(folder, "cell.js"))(name)) as Namespace;
  if (types.isModuleNamespaceObject(exports)) return withCommonJs(exports);
  return exports?.__esModule ? exports : { ...exports, default: exports };
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

/** Suppresses the warning of Node 20 that this API is experimental, which would appear in the user's output. */
function quietly<T>(call: () => T): T {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return call();
  } finally {
    process.emitWarning = emitWarning;
  }
}

/** Whether Node misses the attribute `type: "json"`, which a cell need not write. */
const isOfJson = (error: unknown) =>
  /^ERR_IMPORT_(ATTRIBUTE_MISSING|ASSERTION_TYPE_MISSING)$/.test((error as { code?: string }).code ?? "");

const isMissing = (error: unknown, specifier: string) => {
  const { code, message } = error as { code?: string; message?: string };
  return (
    /^(ERR_)?MODULE_NOT_FOUND$/.test(code ?? "") && !!message?.includes(`'${specifier.split("/", 2)[0]}`)
  );
};

/**
 * Returns the names that TypeScript expects of a CommonJS module. If it was compiled from a module, its exports are
 * that module's. Any other has its properties as names, including those that Node does not find in its text.
 */
function withCommonJs(namespace: Namespace): Namespace {
  const exports = namespace.default as Namespace | undefined;
  if ((typeof exports !== "object" && typeof exports !== "function") || exports === null) return namespace;
  if (exports.__esModule) return exports;
  const names = Object.keys(namespace).filter((name) => name !== "default" && name !== "module.exports");
  const isCommonJs = names.every((name) => name in exports && exports[name] === namespace[name]);
  const missing = Object.keys(exports).some((name) => !(name in namespace));
  return isCommonJs && missing ? { ...exports, default: exports } : namespace;
}

/** Returns `import.meta` for a cell or a module of the user. */
export function importMeta(filename: string): ImportMeta {
  const resolve = (specifier: string): string => {
    if (/^(\.{1,2}\/|\/|file:)/.test(specifier)) return new URL(specifier, pathToFileURL(filename)).href;
    if (isBuiltin(specifier)) return specifier.startsWith("node:") ? specifier : `node:${specifier}`;
    try {
      return pathToFileURL(createRequire(filename).resolve(specifier)).href;
    } catch (error) {
      if (!isOwn(specifier)) throw error;
      return pathToFileURL(createRequire(`${packageRoot()}/kernel.js`).resolve(specifier)).href;
    }
  };
  return { url: pathToFileURL(filename).href, filename, dirname: dirname(filename), resolve } as ImportMeta;
}
