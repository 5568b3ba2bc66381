import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { KERNEL, venvPython } from "../../lib/cli/setup";
import { readSafetensors } from "../../lib/trainer/checkpoint/safetensors";
import { withTslab } from "./kernels";

test.each([
  { kernel: KERNEL, devices: 1 },
  { kernel: KERNEL, devices: 2 },
  { kernel: "tslab", devices: 1 },
])(
  "the stop button saves and ends a training in a cell of $kernel on $devices device(s), and the kernel continues",
  ({ kernel, devices }) => {
    const dir = mkdtempSync(join(tmpdir(), "gradbook-"));
    try {
      const files = {
        model: resolve("configs/models/quickstart.yaml"),
        sessions: resolve("configs/sessions/demo.yaml"),
      };
      const load = `
      import { loadExperiment, ModelCheckpoint, type Run, Trainer } from "gradbook";
      const experiment = await loadExperiment({ ...${JSON.stringify(files)}, maxDatasets: 1 });
      let run: Run | undefined;`;
      // A separate cell, because fit begins in the cell's synchronous start, where tslab would lose a signal listener.
      const fit = `
      const callbacks = [new ModelCheckpoint({ monitor: "val_bps_overall", mode: "max" })];
      run = await new Trainer({ dir: ${JSON.stringify(dir)}, devices: ${devices}, maxEpochs: 1000, callbacks }).fit(experiment);`;
      const following = `console.log(run?.stopped ?? "no run", run?.kept.last);`;
      const done = spawnSync(
        venvPython(process.cwd()),
        [resolve("test/e2e/interrupt.py"), kernel, dir, load, fit, following],
        { env: withTslab(process.cwd(), join(dir, "jupyter")), encoding: "utf8" },
      );
      expect(done.stderr).toBe("");
      const { seconds, status, next, alive } = JSON.parse(done.stdout);
      const saved = join(dir, "run", "checkpoints", "last.safetensors");
      expect(alive).toBe(true);
      // Stock tslab fails the cell immediately, while the training continues in the background.
      if (kernel === KERNEL)
        expect({ status, next }).toEqual({
          status: "ok",
          next: { status: "ok", text: `interrupted ${saved}\n` },
        });
      // One or two steps are expected; a loaded machine takes longer.
      console.log(seconds);
      expect(seconds.returned).toBeLessThan(15);
      const events = readFileSync(join(dir, "run", "events.jsonl"), "utf8")
        .trim()
        .split("\n");
      const last = JSON.parse(events.at(-1)!);
      expect(last).toMatchObject({ event: "fit_end", stopped: "interrupted" });
      expect(JSON.parse(readSafetensors(saved).metadata.gradbook!).step).toBe(last.step);
    } finally {
      rmSync(dir, { recursive: true });
    }
  },
  240_000,
);
