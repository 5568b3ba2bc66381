import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

interface Part {
  part: string;
  status: string;
  reason?: string;
  found?: Record<string, string | number>;
  log?: string[];
}

/** Runs the checks. @returns the exit code, the errors and the report */
function check(env: NodeJS.ProcessEnv, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["--import", "tsx", "bench/gpu/main.ts", ...args],
    { env: { ...process.env, ...env }, encoding: "utf8" },
  );
  const { machine, parts } = JSON.parse(readFileSync(stdout.trim(), "utf8")) as {
    machine: { gpus: number };
    parts: Part[];
  };
  return { status, stderr, machine, parts };
}

const PARTS = ["placement", "equality", "sums", "bf16", "memory", "benchmark"];

test("without a GPU no part of check:gpu runs, and the exit code and the report say so", () => {
  const { status, stderr, machine, parts } = check({ CUDA_VISIBLE_DEVICES: "-1" });
  expect(status).toBe(2);
  expect(stderr).toContain("sums: not run: no GPU\n");
  expect(machine.gpus).toBe(0);
  expect(parts.map(({ part }) => part)).toEqual(PARTS);
  for (const { status, reason } of parts)
    expect({ status, reason }).toEqual({ status: "not run", reason: "no GPU" });
});

test("the parts work with the processor in place of a GPU, and one that fails does not end the others", () => {
  const { status, parts } = check({ GRADBOOK_TORCH_PYTHON: "/no/python" }, "--cpu");
  expect(parts.map(({ part, status }) => `${part} ${status}`)).toEqual([
    "placement passed",
    "equality passed",
    "sums passed",
    "bf16 passed",
    "memory not run",
    "benchmark failed",
  ]);
  expect(parts[0]!.found).toMatchObject({ devices: "CPU:0" });
  expect(parts[1]!.found!.relative_difference).toBeLessThan(1e-3);
  expect(parts[2]!.found!["two processes"]).toMatch(/^the sum over 2 processes is right/);
  expect(parts[5]!.reason).toBe("spawnSync /no/python ENOENT");
  expect(status).toBe(1);
}, 290_000);
