import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statfsSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, relative } from "node:path";
import { packageRoot } from "../../base/files/package";
import { runChild } from "./child";
import { SetupError, type SetupStep } from "./progress";

/**
 * Compiles `lib/` and `kernel/` to `dist/`, and bundles the page of `web/`, when a source has changed. An installed package has no
 * sources, so nothing is compiled.
 */
export function buildStep(): SetupStep {
  const root = packageRoot();
  const config = join(root, "tsconfig.build.json");
  const stamp = join(root, "dist", "built.txt");
  return {
    title: "TypeScript to JavaScript in dist/",
    isDone: () =>
      !existsSync(config) || (existsSync(stamp) && readFileSync(stamp, "utf8") === hashOfSources(root)),
    async run() {
      // Computed before compiling: a file that is saved meanwhile is compiled at the next start.
      const hash = hashOfSources(root);
      const tsc = require.resolve("typescript/bin/tsc");
      const { code, output } = await runChild(process.execPath, [tsc, "-p", config, "--pretty", "false"], {
        cwd: root,
        env: process.env,
      });
      if (code !== 0) {
        const errors = output.split("\n").filter((line) => line.includes("error TS"));
        throw new SetupError(
          `lib/ or kernel/ does not compile (${errors.length} errors; \`npm run typecheck\` lists them): ${errors[0] ?? output}`,
        );
      }
      await bundlePage(root);
      // npx runs the command through its link in node_modules/.bin.
      chmodSync(join(root, "dist", "lib", "cli", "main.js"), 0o755);
      writeFileSync(stamp, hash);
    },
  };
}

/** Bundles the page of a twin, `web/`. */
async function bundlePage(root: string): Promise<void> {
  const bundler = join(root, "web", "build.ts");
  const args = [require.resolve("tsx/cli"), bundler];
  const { code, output } = await runChild(process.execPath, args, { cwd: root, env: process.env });
  if (code !== 0) throw new SetupError(`web/ does not compile: ${output}`);
}

function hashOfSources(root: string): string {
  const files = ["lib", "kernel", "web"].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => /\.(ts|html|css)$/.test(name))
      .map((name) => join(folder, name)),
  );
  const hash = createHash("sha256");
  for (const file of ["tsconfig.json", "tsconfig.build.json", "package.json", ...files.sort()])
    hash.update(`${file}\n`).update(readFileSync(join(root, file)));
  return hash.digest("hex");
}

/** Links `node_modules/gradbook` to the clone, so that cells and scripts in it `import "gradbook"`, as in any project. */
export function linkStep(project: string): SetupStep {
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

/** Returns the number of bytes that this user may still write to the file system of `folder`. */
export function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

/**
 * @param free the number of free bytes. Default: asked of the file system
 * @throws SetupError when less than `needed` bytes are free
 */
export function requireFree(folder: string, needed: number, free = freeBytes(folder)): void {
  if (free >= needed) return;
  throw new SetupError(
    `too little disk space: ${folder} has ${gigabytes(free)} free and set-up needs ${gigabytes(needed)}: ` +
      "free some, or move the project to a larger disk, and start again.",
  );
}

/** Formats bytes as `1.4 GB`. */
export const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;
