import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { jupyterEnvironment, venvPython } from "../../lib/setup";
import { readSafetensors } from "../../lib/trainer/safetensors";

test.each([1, 2])(
  "the stop button ends a training in a cell on %i devices: saved, and the kernel lives",
  (devices) => {
    const dir = mkdtempSync(join(tmpdir(), "gradbook-"));
    try {
      const files = {
        model: resolve("configs/models/quickstart.yaml"),
        sessions: resolve("configs/sessions/demo.yaml"),
      };
      const load = `
      import { loadExperiment, ModelCheckpoint, Trainer } from "gradbook";
      const experiment = await loadExperiment({ ...${JSON.stringify(files)}, maxDatasets: 1 });`;
      // A cell of its own: fit begins in the cell's synchronous start, where a signal's listener would be lost.
      const fit = `
      const callbacks = [new ModelCheckpoint({ monitor: "val_bps_overall", mode: "max" })];
      await new Trainer({ dir: ${JSON.stringify(dir)}, devices: ${devices}, maxEpochs: 1000, callbacks }).fit(experiment);`;
      const env = jupyterEnvironment(process.cwd());
      const script = resolve("test/e2e/interrupt.py");
      const done = spawnSync(venvPython(process.cwd()), [script, dir, load, fit], { env, encoding: "utf8" });
      expect(done.stderr).toBe("");
      const { seconds, alive } = JSON.parse(done.stdout);
      expect(alive).toBe(true);
      expect(seconds).toBeLessThan(10);
      const events = readFileSync(join(dir, "run", "events.jsonl"), "utf8")
        .trim()
        .split("\n");
      const last = JSON.parse(events.at(-1)!);
      expect(last).toMatchObject({ event: "fit_end", stopped: "interrupted" });
      const saved = readSafetensors(join(dir, "run", "checkpoints", "last.safetensors"));
      expect(JSON.parse(saved.metadata.gradbook!).step).toBe(last.step);
    } finally {
      rmSync(dir, { recursive: true });
    }
  },
);
