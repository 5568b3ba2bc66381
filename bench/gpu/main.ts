import { execFile } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { packageRoot } from "../../lib/cli/setup";
import { thisMachine } from "../../lib/distributed/devices";
import { PARTS } from "./parts";

/*
 * `npm run check:gpu`: checks everything that needs a GPU, and writes one report. Exit codes: 0 every part passed or did not apply,
 * 1 a part failed, 2 there is no GPU.
 */

/** The milliseconds of all parts together. */
const LIMIT = 290_000;

interface PartReport {
  readonly part: string;
  readonly status: "passed" | "failed" | "not run";
  readonly reason?: string;
  readonly found?: object;
  readonly seconds: number;
}

async function checkPart(part: string, limit: number): Promise<PartReport> {
  const begun = performance.now();
  const seconds = () => Number(((performance.now() - begun) / 1000).toFixed(1));
  if (limit <= 0) return { part, status: "not run", reason: "the time was used up", seconds: 0 };
  const args = ["--import", "tsx", join(__dirname, "parts.ts"), part];
  try {
    const { stdout } = await promisify(execFile)(process.execPath, args, {
      timeout: limit,
      maxBuffer: 2 ** 24,
    });
    return { part, ...JSON.parse(stdout.trim().split("\n").at(-1)!), seconds: seconds() };
  } catch (error) {
    const { stderr = "", message } = error as Error & { stderr?: string };
    return {
      part,
      status: "failed",
      reason: stderr.trim().split("\n").at(-1) || message,
      seconds: seconds(),
    };
  }
}

async function main(): Promise<number> {
  const { gpus } = thisMachine();
  const end = Date.now() + LIMIT;
  const parts: PartReport[] = [];
  for (const part of Object.keys(PARTS)) {
    const report: PartReport =
      gpus > 0
        ? await checkPart(part, end - Date.now())
        : { part, status: "not run", reason: "no GPU", seconds: 0 };
    parts.push(report);
    console.error(`${part}: ${report.status}${report.reason ? `: ${report.reason}` : ""}`);
  }
  const folder = join(packageRoot(), "runs");
  mkdirSync(folder, { recursive: true });
  const path = join(folder, "check-gpu.json");
  writeFileSync(path, `${JSON.stringify({ gpus, parts }, undefined, 2)}\n`);
  console.log(path);
  if (gpus === 0) return 2;
  return parts.some(({ status }) => status === "failed") ? 1 : 0;
}

void main().then((code) => {
  process.exitCode = code;
});
