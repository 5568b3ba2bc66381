import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { newFolder } from "../new-folder";
import { gradbookIn } from "./gradbook";

let dir: string;
beforeEach(() => {
  dir = newFolder();
});

test("inspect --json prints the contents of a session file as JSON only", () => {
  const { status, stderr } = gradbookIn(dir, "simulate", "--out", "mine", "--sessions", "1", "--frames", "1200", "--size", "11", "--units", "2"); // biome-ignore format: one call
  expect(status, stderr).toBe(0);
  const [file] = readdirSync(join(dir, "mine")).filter((name) => name.endsWith(".h5"));
  const inspected = gradbookIn(dir, "inspect", join("mine", file!), "--json");
  expect(inspected.status, inspected.stderr).toBe(0);
  const about = JSON.parse(inspected.stdout) as Record<string, Record<string, unknown>[]>;
  expect(about).toMatchObject({ name: file!.replace(".h5", ""), sampling_rate: 120, pixels_per_degree: 12 });
  expect(about.recordings).toEqual(
    ["backimage", "gaborium"].map((stimulus) => ({
      stimulus,
      frames: 720,
      seconds: 6,
      size: "11×11",
      trials: 2,
      "tracker loss (%)": expect.any(Number),
    })),
  );
  expect(about.covariates?.[0]).toEqual({ covariate: "backimage/stim", rows: 720, columns: 121, least: 0, most: 255 }); // biome-ignore format: one row
  const unit = { spikes: expect.any(Number), "rate (spikes/s)": expect.any(Number) };
  expect(about.units).toEqual([1, 2].map((cid) => ({ unit: cid, ...unit })));
  expect(about.picture).toBe(join("mine", file!.replace(".h5", ".svg")));
});

test("compare --json prints scores and differences as JSON only", () => {
  for (const [name, lr] of [
    ["a", 0.1],
    ["b", 0.2],
  ] as const) {
    // biome-ignore format: pairs
    mkdirSync(join(dir, "runs", name), { recursive: true });
    const start = {
      event: "fit_start",
      time: 1,
      name,
      folder: `runs/${name}`,
      parameters: 3,
      max_epochs: 1,
      steps_per_epoch: 1,
    };
    const validation = { event: "validation", time: 2, epoch: 0, step: 1, train_loss: 2, val_loss: 1 + lr };
    const lines = [start, validation].map((event) => `${JSON.stringify(event)}\n`).join("");
    writeFileSync(join(dir, "runs", name, "events.jsonl"), lines);
    writeFileSync(join(dir, "runs", name, "config.yaml"), `optimizer: { lr: ${lr} }\n`);
  }
  mkdirSync(join(dir, "runs", "empty"));
  const { status, stdout, stderr } = gradbookIn(dir, "compare", "a", "b", "empty", "--json");
  expect(status, stderr).toBe(0);
  const row = { epochs: 1, ended: "no", time: "1 s", metric: "", best: "" };
  expect(JSON.parse(stdout)).toEqual({
    page: "compare.html",
    left_out: ["runs/empty"],
    scores: [
      { run: "a", ...row },
      { run: "b", ...row },
    ],
    differences: [{ key: "optimizer.lr", a: "0.1", b: "0.2" }],
  });
});

test("doctor --json prints the checks and nothing else", () => {
  const { status, stdout, stderr } = gradbookIn(process.cwd(), "doctor", "--json");
  const { ok, checks } = JSON.parse(stdout) as { ok: boolean; checks: object[] };
  expect({ status, stderr, ok }).toEqual({ status: 0, stderr: "", ok: true });
  expect(checks).toContainEqual({ check: "Node", state: "ok", found: process.version });
  expect(checks).toContainEqual({
    check: "tensor operations",
    state: "ok",
    found: "20 + 22 = 42, max(1, 3, 2) = 3, slope of x² at 3 = 6",
  });
});
