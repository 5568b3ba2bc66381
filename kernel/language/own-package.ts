import { existsSync, readFileSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";

/** Packages that a notebook may import where its folder has none: the kernel's own copies. */
export const isOwn = (specifier: string): boolean =>
  /^(gradbook|tslab|@tensorflow\/[^/]+)(\/|$)/.test(specifier);

/** The folder of the kernel's own package. */
export function ownPackage(): string {
  for (let folder = realpathSync(__dirname); ; folder = dirname(folder)) {
    const file = join(folder, "package.json");
    if (existsSync(file) && (JSON.parse(readFileSync(file, "utf8")) as { name?: string }).name === "gradbook")
      return folder;
    if (dirname(folder) === folder) throw new Error(`no package.json of gradbook above ${__dirname}`);
  }
}
