import { execFile, spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { release, type } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { Command } from "commander";
import { packageRoot, packageVersion, setUp, setupSteps } from "../../lib/cli/setup";
import { thisMachine } from "../../lib/distributed/devices";
import { type Kind, PARTS } from "./parts";

/*
 * `npm run check:gpu`: checks everything that needs a GPU, and writes one report. With `--cpu` the processor stands for the GPU, to try
 * the checks themselves. Exit codes: 0 every part passed or did not apply, 1 a part failed, 2 there is no GPU.
 */

/** The milliseconds of all parts together, without the set-up, and those that a part leaves for each later one if it hangs. */
const [LIMIT, RESERVE] = [290_000, 20_000];

interface PartReport {
  readonly part: string;
  readonly status: "passed" | "failed" | "not run";
  readonly reason?: string;
  readonly found?: object;
  /** The last lines of the process's errors, if it failed. */
  readonly log?: readonly string[];
  readonly seconds: number;
}

/** Runs a part in its own process, which is killed at the limit. */
async function checkPart(part: string, kind: Kind, limit: number): Promise<PartReport> {
  const begun = performance.now();
  const seconds = () => Number(((performance.now() - begun) / 1000).toFixed(1));
  const args = ["--import", "tsx", join(__dirname, "parts.ts"), part, kind];
  const options = { timeout: limit, killSignal: "SIGKILL", maxBuffer: 2 ** 24 } as const;
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, args, options);
    const result = JSON.parse(stdout.trim().split("\n").at(-1)!);
    return {
      part,
      ...result,
      ...(result.status === "failed" ? { log: lastOf(stderr) } : {}),
      seconds: seconds(),
    };
  } catch (error) {
    const { stderr = "", message, signal, killed } = error as Error & Partial<Record<string, string>>;
    const ended = killed ? `it was killed after ${seconds()} s` : `its process ended by ${signal}`;
    const reason = killed || signal ? ended : message.split("\n")[0];
    return { part, status: "failed", ...(reason ? { reason } : {}), log: lastOf(stderr), seconds: seconds() };
  }
}

const lastOf = (text: string) => text.trim().split("\n").slice(-20);

/** Runs all parts. A failure or a hang of one leaves the others their time. */
async function* checkParts(kind: Kind, problem: string | undefined): AsyncGenerator<PartReport> {
  const end = Date.now() + LIMIT;
  const names = Object.keys(PARTS);
  for (const [i, part] of names.entries())
    if (problem) yield { part, status: "not run", reason: problem, seconds: 0 };
    else yield checkPart(part, kind, end - Date.now() - RESERVE * (names.length - 1 - i));
}

/** Sets up what a fresh clone lacks, such as TensorFlow. @returns a problem, if there is one */
async function setUpClone(): Promise<string | undefined> {
  return setUp(setupSteps(packageRoot())).then(
    () => undefined,
    (error: Error) => `the set-up failed: ${error.message}`,
  );
}

/** Describes the machine for the report. */
function describeMachine() {
  const { stdout } = spawnSync("nvidia-smi", { encoding: "utf8" });
  return {
    gradbook: packageVersion(),
    node: process.version,
    system: `${type()} ${release()} ${process.arch}`,
    ...thisMachine(),
    nvidia_smi: stdout ? stdout.trim().split("\n") : "not there",
  };
}

async function main(kind: Kind): Promise<number> {
  const machine = describeMachine();
  const hasDevice = kind === "cpu" || machine.gpus > 0;
  const problem = hasDevice ? await setUpClone() : "no GPU";
  const parts: PartReport[] = [];
  for await (const report of checkParts(kind, problem)) {
    parts.push(report);
    console.error(`${report.part}: ${report.status}${report.reason ? `: ${report.reason}` : ""}`);
  }
  const folder = join(packageRoot(), "runs");
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `check-${kind}.json`);
  writeFileSync(path, `${JSON.stringify({ machine, parts }, undefined, 2)}\n`);
  console.log(path);
  if (!hasDevice) return 2;
  return problem || parts.some(({ status }) => status === "failed") ? 1 : 0;
}

new Command("npm run check:gpu --")
  .description("check everything that needs a GPU, and write one report")
  .option("--cpu", "use the processor in place of the GPU, to try the checks themselves")
  .action(async ({ cpu }: { cpu?: true }) => {
    process.exitCode = await main(cpu ? "cpu" : "gpu");
  })
  .parseAsync();
