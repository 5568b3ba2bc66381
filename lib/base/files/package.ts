import { existsSync, readFileSync, realpathSync } from "node:fs";
import { dirname, join, sep } from "node:path";

/** Returns the folder of gradbook's own package.json: a clone, or `node_modules/gradbook` of a user's project. */
export function packageRoot(): string {
  for (let folder = realpathSync(__dirname); ; folder = dirname(folder)) {
    const file = join(folder, "package.json");
    if (existsSync(file) && (JSON.parse(readFileSync(file, "utf8")) as { name?: string }).name === "gradbook")
      return folder;
    if (dirname(folder) === folder) throw new Error(`no package.json of gradbook above ${__dirname}`);
  }
}

/** Returns the folder for `.venv`, `sessions/` and `runs/`: the clone, or the working folder when gradbook is a dependency. */
export function defaultProject(): string {
  const root = packageRoot();
  return root.split(sep).includes("node_modules") ? process.cwd() : root;
}

/** Returns the version of this package. */
export function packageVersion(): string {
  return (JSON.parse(readFileSync(join(packageRoot(), "package.json"), "utf8")) as { version: string })
    .version;
}
