import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { resolve } from "node:path";

/** The built command line. */
export const MAIN = resolve("dist/lib/cli/main.js");

/** Runs `gradbook` in a folder, to its end. */
export const gradbookIn = (cwd: string, ...args: string[]): SpawnSyncReturns<string> =>
  spawnSync(process.execPath, [MAIN, ...args], { cwd, encoding: "utf8" });
