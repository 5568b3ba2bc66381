import { spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { Random } from "../../lib/base/random";
import { readCheckpoint } from "../../lib/trainer/checkpoint/checkpoint";
import { readSafetensors } from "../../lib/trainer/checkpoint/safetensors";
import { Trainer } from "../../lib/trainer/trainer";
import { newFolder } from "../new-folder";
import { Sampled } from "../trainer/sampled";
import { OPTIONS } from "./victim";

/** The number of kills of each of two concurrent runs. */
const RUNS = [1, 2];
const KILLS = 25;
/** The longest life of a process after its first batch, in milliseconds: a few hundred checkpoints. */
const LIFE = 150;

const dir = newFolder();
let whole: number[];
beforeAll(async () => {
  const module = new Sampled("curriculum");
  vi.spyOn(console, "warn").mockImplementation(() => {});
  await new Trainer({ ...OPTIONS, dir: join(dir, "whole") }).fit(module);
  whole = module.parameters.flatMap(({ variable }) => Array.from(variable.dataSync()));
}, 60_000);

describe.concurrent("kill -9 at 50 random moments", () => {
  for (const run of RUNS)
    test(`run ${run}: the last checkpoint is readable, and the run ends with the weights of an uninterrupted one`, async () => {
      const own = join(dir, String(run));
      const checkpoints = join(own, OPTIONS.name, "checkpoints");
      const last = join(checkpoints, "last.safetensors");
      const random = new Random(run, "kill");
      let reached = 0;
      for (let kill = 0; kill < KILLS; kill++) {
        expect(await liveAndDie(own, random.uniform() * LIFE)).toBe("SIGKILL");
        if (!existsSync(last)) continue;
        for (const file of readdirSync(checkpoints).filter((name) => name.endsWith(".safetensors")))
          readCheckpoint(join(checkpoints, file));
        const { step } = readCheckpoint(last).state;
        expect(step, "no step is lost that a checkpoint held").toBeGreaterThanOrEqual(reached);
        reached = step;
      }
      expect(reached).toBeGreaterThan(0);
      expect(await liveAndDie(own)).toBe(0);
      const { tensors } = readSafetensors(last);
      const weights = ["core.weight", "head.weight", "head.bias"].flatMap((name) =>
        Array.from(tensors.get(name)!.values),
      );
      expect(weights).toEqual(whole);
    }, 600_000);
});

/** @param life milliseconds after the first batch. Default: the run continues to its end */
function liveAndDie(folder: string, life?: number): Promise<NodeJS.Signals | number | null> {
  const child = spawn(process.execPath, ["--import", "tsx", "test/faults/victim.ts", folder], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  child.stdout.once("data", () => {
    if (life !== undefined) setTimeout(() => child.kill("SIGKILL"), life);
  });
  child.stdout.resume();
  return new Promise((resolve) => {
    child.on("exit", (code, signal) => resolve(signal ?? code));
  });
}
