import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { freePort } from "../../lib/distributed/ports";
import { MAIN } from "../cli/gradbook";
import { newFolder } from "../new-folder";
import { endOf, until } from "./processes";
import { writeConfigs, writeRecordings } from "./sharded-training";

const dir = newFolder();
let flags: string[];
beforeAll(async () => {
  await writeRecordings(dir);
  const { model, sessions } = writeConfigs(dir, "twin");
  const short = ["--steps_per_epoch", "2", "--batch_size", "8", "--limit_val_batches", "2"];
  flags = ["--model_config", model, "--dataset_configs_path", sessions, "--shard", "sessions", ...short];
});

/** Starts `gradbook train` with sharded sessions. */
function train(more: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const child = spawn(process.execPath, [MAIN, "train", ...flags, ...more], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  return endOf(child);
}

test("names the process that was killed, and continues from the last checkpoint", async () => {
  const own = ["--experiment_name", "killed", "--checkpoint_dir", dir, "--num_gpus", "2"];
  const ended = train([...own, "--max_epochs", "100000"]);
  await until(() => existsSync(join(dir, "killed", "checkpoints", "last.safetensors")), ended);
  const [, pid] = /process (\d+)/.exec(readFileSync(join(dir, "killed", "logs", "rank-1.log"), "utf8"))!;
  process.kill(Number(pid), "SIGKILL");
  const { code, output } = await ended;
  expect(code).toBe(1);
  expect(output).toContain("Rank 1 of 2 ended the training: its process was killed (SIGKILL)");
  expect(output.trim().split("\n").at(-1)).toBe(
    'No process is left. Continue from the last checkpoint with `resume: "auto"` (`--ckpt_path last`), on any number of devices.',
  );
  const { step } = JSON.parse(
    readFileSync(join(dir, "killed", "events.jsonl"), "utf8")
      .trim()
      .split("\n")
      .at(-1)!,
  );
  const resumed = await train([...own, "--ckpt_path", "last", "--max_steps", String(step + 2)]);
  expect({ code: resumed.code, output: resumed.output }).toEqual({
    code: 0,
    output: expect.stringContaining("completed after"),
  });
});

/** Starts `gradbook train` in two processes, as a launcher does, without a shared folder. */
async function launched(more: readonly string[]) {
  const port = String(await freePort());
  const ended = [0, 1].map((rank) =>
    train(["--checkpoint_dir", join(dir, `host${rank}`), "--experiment_name", "twin", ...more], {
      RANK: String(rank),
      WORLD_SIZE: "2",
      LOCAL_RANK: String(rank),
      LOCAL_WORLD_SIZE: "2",
      MASTER_ADDR: "127.0.0.1",
      MASTER_PORT: port,
      GRADBOOK_KEY: "secret",
    }),
  );
  return Promise.all(ended);
}

test("writes .ckpt files in rank 0 only, where the processes of a launcher share no folder", async () => {
  const ended = await launched(["--max_epochs", "1", "--checkpoint_filename", "first"]);
  for (const { code, output } of ended) expect(code, output).toBe(0);
  expect(readdirSync(join(dir, "host0", "twin"))).toContain("first.ckpt");
  expect(existsSync(join(dir, "host1"))).toBe(false);
});

test("exits with the code of bad input where a process of a launcher finds it", async () => {
  const ended = await launched(["--max_datasets", "1"]);
  const found = ended.filter(({ code }) => code === 2);
  expect(found.length, ended.map(({ output }) => output).join()).toBeGreaterThan(0);
  for (const { output } of found)
    expect(output).toContain(
      'loadExperiment: shard: is "sessions", which gives each process sessions of its own, but 2 processes train and there are 1 sessions',
    );
});
