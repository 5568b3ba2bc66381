import { expect, test } from "vitest";
import { jobsOfRound, MODES, parseModes } from "../../bench/step/jobs";
import { measure } from "../../bench/step/measure";
import { behaviorDim, modelFile, readModel, readModelFile, SIZES } from "../../bench/step/model-file";
import { ratiosOf } from "../../bench/step/ratios";
import type { PeakRow, Row, StepRow } from "../../bench/step/row";
import { report } from "../../bench/step/table";
import { requirementLines } from "../../lib/cli/setup/requirements";
import { planModel } from "../../lib/model/plan";

const peak = (engine: "gradbook" | "torch", gflops: number, round = 1): PeakRow => ({
  bench: "step",
  round,
  engine,
  mode: "sgemm",
  ms: 100,
  gflops,
});
const { bench } = readModelFile(modelFile("small"));

test("prints gradbook's step of the small model as one line with all its figures", async () => {
  const job = { engine: "gradbook", mode: "compiled", size: "small" } as const;
  const peaks = [peak("gradbook", 100)];
  const row = (await measure(job, { round: 1, threads: 2, steps: 2, bench, peaks })) as StepRow;
  expect(row).toMatchObject({ bench: "step", round: 1, ...job });
  const numbers = [
    "ms",
    "cpu_ms",
    "samples_per_s",
    "gflops",
    "sgemm_share",
    "peak_mib",
    "compile_s",
    "trace_s",
  ] as const;
  for (const key of numbers) expect(row[key], key).toBeGreaterThan(0);
  expect(row.gflops / 100).toBeCloseTo(row.sgemm_share, 2);
  expect(row.samples_per_s).toBeCloseTo(32_000 / row.ms, 0);
  expect(Number.isFinite(row.loss)).toBe(true);
});

test("prints a failed measurement as a line as well", async () => {
  const job = { engine: "torch", mode: "eager", size: "small" } as const;
  const row = await measure(job, { round: 2, threads: 2, python: "/nowhere/python", bench, peaks: [] });
  expect(row).toEqual({ bench: "step", round: 2, ...job, error: "spawn /nowhere/python ENOENT" });
});

test.each(SIZES)("%s: the file parses, and its plan has about the declared number of operations", (size) => {
  const { bench, model } = readModelFile(modelFile(size));
  const { stages } = planModel(model, { ...bench, behaviors: behaviorDim(model) }, size);
  const forward = stages.reduce((sum, { flops }) => sum + flops, 0) * bench.batch_size;
  // The plan has fewer operations, because some need not be computed: the GRU's initial state and its reset, the part
  // that a residual block's shortcut crops, taps of causal convolutions that read the same frame, and taps that a
  // window sets to 0, of which the large model has many.
  const share = (3 * forward) / 1e9 / bench.gflop_per_step;
  expect(share).toBeGreaterThan(size === "large" ? 0.55 : 0.78);
  expect(share).toBeLessThan(1.02);
});

test("selects modes by engine, by name or by both", () => {
  const names = (text: string) => parseModes(text).map(({ engine, mode }) => `${engine}/${mode}`);
  expect(names("eager")).toEqual(["gradbook/eager", "torch/eager"]);
  expect(names("torch/eager,compiled")).toEqual(["gradbook/compiled", "torch/eager"]);
  expect(names("torch,gradbook")).toEqual(MODES.map(({ engine, mode }) => `${engine}/${mode}`));
  expect(() => parseModes("compild")).toThrow(/"compild" is not one of: .*did you mean "compiled"/);
});

test("measures the peak first, and the trainer's overhead with the small model only", () => {
  const jobs = jobsOfRound(["small", "large"], parseModes("eager,trainer_overhead"));
  expect(jobs.map(({ engine, mode, size }) => [size, engine, mode].filter(Boolean).join(" "))).toEqual([
    "gradbook sgemm",
    "torch sgemm",
    "small gradbook eager",
    "small torch eager",
    "small gradbook trainer_overhead",
    "large gradbook eager",
    "large torch eager",
  ]);
});

test("measures thousands of units in the modes that suit them", () => {
  const jobs = jobsOfRound(["5x1000"], MODES);
  expect(jobs.slice(2).map(({ engine, mode, size }) => `${size} ${engine} ${mode}`)).toEqual([
    "5x1000 gradbook compiled",
    "5x1000 torch eager",
    "5x1000 torch merged",
    "5x1000 torch merged_channels_last",
  ]);
  expect(readModel("5x1000").bench.units).toEqual([1000, 1000, 1000, 1000, 1000]);
  expect(readModel("10x8000").bench.units).toEqual(Array(10).fill(8000));
});

test("computes ratios of the medians over the rounds, relative to the largest peak", () => {
  const step = (engine: "gradbook" | "torch", mode: string, times: number[]): Row[] =>
    times.map((ms, i) => ({
      bench: "step",
      round: i + 1,
      size: "small",
      engine,
      mode,
      ms,
      samples_per_s: 32_000 / ms,
      gflops: (1000 * bench.gflop_per_step) / ms,
      sgemm_share: 0,
      peak_mib: engine === "gradbook" ? 600 : 800,
      own_mib: engine === "gradbook" ? 200 : 400,
      compile_s: 1,
      ...(engine === "gradbook" ? { plan_gflop: bench.gflop_per_step / 2 } : {}),
    }));
  const rows = [
    ...[1, 2, 3].flatMap((round) => [
      peak("gradbook", 100 + round, round),
      peak("torch", 140 + round, round),
    ]),
    ...step("gradbook", "compiled", [100, 400, 110]),
    ...step("torch", "eager", [220, 200, 900]),
    ...step("torch", "lightning", [165, 160, 170]),
  ];
  const ratios = ratiosOf(rows, MODES, { small: bench });
  expect(ratios).toEqual({
    rounds: 3,
    sgemm: { gradbook: 103, torch: 143, peak: 143 },
    sizes: {
      small: {
        torch_best_mode: "lightning",
        vs_torch_best: 1.5,
        vs_torch_eager: 2,
        vs_lightning: 1.5,
        sgemm_share: 0.909,
        torch_best_sgemm_share: 0.606,
        peak_memory: 0.75,
        own_memory: 0.5,
        compile_s: 1,
        plan_gflop_share: 0.5,
      },
    },
  });
  expect(report(rows, MODES, ratios)).toContain("small: 1.50 × the speed of torch's best mode (lightning)");
});

test("pins every package of the other frameworks", () => {
  const lines = requirementLines("bench/requirements.txt");
  for (const line of lines) expect(line).toMatch(/^[\w.-]+==[\w.]+( ;.*)?$/);
  expect(lines).toEqual(expect.arrayContaining(["torch==2.9.1", "lightning==2.6.6"]));
});
