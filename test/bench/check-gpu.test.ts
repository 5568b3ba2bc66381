import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

test("without a GPU no part of check:gpu runs, and the exit code and the report say so", () => {
  const env = { ...process.env, CUDA_VISIBLE_DEVICES: "-1" };
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--import", "tsx", "bench/gpu/main.ts"], {
    env,
    encoding: "utf8",
  });
  expect(status).toBe(2);
  expect(stderr).toContain("sums: not run: no GPU\n");
  const { gpus, parts } = JSON.parse(readFileSync(stdout.trim(), "utf8"));
  expect(gpus).toBe(0);
  expect(parts.map(({ part }: { part: string }) => part)).toEqual([
    "placement",
    "equality",
    "sums",
    "bf16",
    "memory",
    "benchmark",
  ]);
  for (const { status, reason } of parts)
    expect({ status, reason }).toEqual({ status: "not run", reason: "no GPU" });
});
