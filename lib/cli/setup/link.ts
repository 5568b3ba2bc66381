import { existsSync, lstatSync, mkdirSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { packageRoot } from "../../base/files/project";
import type { Step } from "./step";

/** Links `node_modules/gradbook` to the clone, so that cells and scripts in it `import "gradbook"`, as in any project. */
export function linkStep(project: string): Step {
  const root = packageRoot();
  const links = {
    [join(project, "node_modules", "gradbook")]: root,
    [join(project, "node_modules", ".bin", "gradbook")]: join(root, "dist", "lib", "cli", "main.js"),
  };
  return {
    title: 'import "gradbook" in notebooks',
    isDone: () =>
      Object.entries(links).every(
        ([link, target]) =>
          existsSync(link) && (!isLink(link) || realpathSync(link) === realpathSync(target)),
      ),
    async run() {
      for (const [link, target] of Object.entries(links)) {
        if (existsSync(link) && !isLink(link)) continue;
        mkdirSync(dirname(link), { recursive: true });
        rmSync(link, { force: true });
        symlinkSync(relative(realpathSync(dirname(link)), realpathSync(target)), link);
      }
    },
  };
}

const isLink = (path: string) => lstatSync(path).isSymbolicLink();
