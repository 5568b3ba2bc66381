import { createHash } from "node:crypto";
import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../base/files/project";
import { runChild } from "./child";
import { SetupError } from "./errors";
import type { Step } from "./step";

/**
 * Compiles `lib/` and `kernel/` to `dist/` when a source has changed. An installed package has no sources, so nothing
 * is compiled.
 */
export function buildStep(): Step {
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
      // npx runs the command through its link in node_modules/.bin.
      chmodSync(join(root, "dist", "lib", "cli", "main.js"), 0o755);
      writeFileSync(stamp, hash);
    },
  };
}

function hashOfSources(root: string): string {
  const files = ["lib", "kernel"].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts"))
      .map((name) => join(folder, name)),
  );
  const hash = createHash("sha256");
  for (const file of ["tsconfig.json", "tsconfig.build.json", "package.json", ...files.sort()])
    hash.update(`${file}\n`).update(readFileSync(join(root, file)));
  return hash.digest("hex");
}
