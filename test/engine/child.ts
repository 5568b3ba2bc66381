import { spawnSync } from "node:child_process";
import { resolve } from "node:path";

const engine = JSON.stringify(resolve("lib/engine/index.ts"));

/** Runs a script in a separate process with the engine's names in scope. */
export function run(script: string, env: NodeJS.ProcessEnv = {}, cwd = process.cwd()) {
  const code = `const { tf, compile, configureEngine, devices } = require(${engine}); (async () => { ${script} })();`;
  const tsx = resolve("node_modules/tsx/dist/cli.mjs");
  return spawnSync(process.execPath, [tsx, "-e", code], {
    env: { ...process.env, ...env },
    cwd,
    encoding: "utf8",
  });
}
