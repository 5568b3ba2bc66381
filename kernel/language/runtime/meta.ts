import { createRequire, isBuiltin } from "node:module";
import { dirname } from "node:path";
import { pathToFileURL } from "node:url";
import { packageRoot } from "../../../lib/base/files/folder";
import { isOwn } from "../own-package";

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
