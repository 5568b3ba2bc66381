import { mkdtempSync, rmSync, writeSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { FAMILIES, type Family, isConfigError } from "./family";
import type { Line } from "./run-family";

/** Feeds the inputs `first` to `last - 1` of a seed to a family, and writes a line to descriptor 3 before and after each. */
async function main([name, seed, first, last]: readonly string[]): Promise<void> {
  // Loads only this family, because loading takes seconds.
  const { family } = createRequire(__filename)(FAMILIES[name!]!) as { family: Family };
  const { isTyped = isConfigError } = family;
  const inputs = fc.sample(family.inputs, { seed: Number(seed), numRuns: Number(last) });
  const folder = mkdtempSync(join(tmpdir(), "gradbook-fuzz-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  const feed = await family.prepare(folder);
  for (let i = Number(first); i < inputs.length; i++) {
    say({ began: i });
    try {
      await feed(inputs[i]);
    } catch (error) {
      if (!isTyped(error)) say({ failed: i, reason: reasonOf(error), input: shown(inputs[i]) });
    }
  }
  say({ done: true });
}

/** Writes synchronously, so that the position of a process that hangs or dies is known. */
const say = (line: Line) => writeSync(3, `${JSON.stringify(line)}\n`);

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return `threw ${String(error)}`;
  const place = error.stack
    ?.split("\n")
    .find((line) => /[\\/](lib|kernel)[\\/]/.test(line) && !line.includes("node_modules"));
  return `${error.name}: ${error.message.slice(0, 300)} ${place?.trim() ?? ""}`;
}

const shown = (input: unknown) =>
  JSON.stringify(input, (_, value) =>
    typeof value === "number" && !Number.isFinite(value)
      ? String(value)
      : typeof value === "string" && value.length > 200
        ? `${value.slice(0, 20)}… (${value.length} characters)`
        : Array.isArray(value) && value.length > 1000
          ? `list of ${value.length}`
          : value,
  );

main(process.argv.slice(2)).then(
  () => process.exit(0),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
