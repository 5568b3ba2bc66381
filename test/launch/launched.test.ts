import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { ModelCheckpoint } from "../../lib/callbacks/model-checkpoint";
import { freePort } from "../../lib/distributed/ports";
import type { TrainerEvent } from "../../lib/protocols/events";
import { Trainer } from "../../lib/trainer/trainer";
import { newFolder } from "../new-folder";
import { EqualityModule } from "./equality-module";
import { Killer } from "./killer";
import { processesOf, script, until } from "./processes";

let dir: string;
beforeEach(() => {
  dir = newFolder();
});

const MIXED = { sessions: "mixed", sides: 1, broken: false } as const;
const events = (run = "run") =>
  existsSync(join(dir, run, "events.jsonl"))
    ? readFileSync(join(dir, run, "events.jsonl"), "utf8")
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as TrainerEvent)
    : [];
const result = (rank = 0) => JSON.parse(readFileSync(join(dir, `result-${rank}.json`), "utf8"));
const job = (more: object) => ({ dir, result: join(dir, "result"), batchSize: 6, ...more });
const validated = () => events().some(({ event }) => event === "validation");

test("shows observers a run on two devices as one run, and leaves the trained weights in the module", async () => {
  const seen: TrainerEvent[] = [];
  const module = new EqualityModule(MIXED);
  const before = module.parameters.map(({ variable }) => variable.dataSync()[0]);
  const run = await new Trainer({
    dir,
    devices: 2,
    batchSize: 6,
    maxEpochs: 2,
    stepsPerEpoch: 2,
    callbacks: [{ observe: (event) => void seen.push(event) }],
  }).fit(module);
  expect(run.stopped).toBe("completed");
  expect(seen.map(({ event }) => event).filter((event) => event !== "step")).toEqual([
    "fit_start",
    "validation",
    "validation",
    "fit_end",
  ]);
  expect(events().map(({ event }) => event)).toEqual(seen.map(({ event }) => event));
  expect(module.parameters.map(({ variable }) => variable.dataSync()[0])).not.toEqual(before);
  expect(existsSync(join(dir, "run", "logs", "rank-1.log"))).toBe(true);
  expect(processesOf(dir)).toEqual([]);
  module.dispose();
});

test("rejects components that workers cannot construct, with the reason, before anything starts", async () => {
  class Mine {
    onFitStart() {}
  }
  const module = Object.assign(new EqualityModule(MIXED), { recipe: undefined });
  const fit = new Trainer({ dir, devices: 2, callbacks: [new Mine()] }).fit(module as never);
  const why =
    "the 2 workers are other processes, where definitions of this one (in a notebook's cell, or in the script itself) do " +
    "not exist";
  const error = await fit.catch((e: Error) => e);
  expect(String(error)).toBe(
    [
      "ConfigError: Trainer.fit:",
      `  - devices: EqualityModule cannot be trained on 2 devices: ${why}. Export a function that makes it from a module and give \`await fromModule("./file.ts#name", options)\``,
      `  - callbacks.0: Mine runs in the processes that train, and ${why}. Put it into a module and give \`await fromModule("./file.ts#Name", options)\`, or make it an observer (an object with \`observe\`), which works from anywhere`,
    ].join("\n"),
  );
  expect(existsSync(join(dir, "run"))).toBe(false);
});

/** Trains two epochs of three steps; rank 1 dies once in the second epoch, after a checkpoint of the first. */
function doomed(more: object) {
  const callbacks = [
    new ModelCheckpoint({ monitor: "val_loss" }),
    new Killer({ step: 4, once: join(dir, "killed") }),
  ];
  return new Trainer({ dir, batchSize: 6, maxEpochs: 2, stepsPerEpoch: 3, devices: 2, callbacks, ...more });
}

test("resumes a run whose worker was killed on another number of devices", async () => {
  const module = new EqualityModule(MIXED);
  const error = await doomed({})
    .fit(module)
    .catch((e: Error) => e);
  expect((error as Error).message.split("\n")[0]).toMatch(
    /^Rank 1 of 2 ended the training: its process was killed \(SIGKILL\)/,
  );
  expect((error as Error).message.split("\n").at(-1)).toBe(
    'No process is left. Continue from the last checkpoint with `resume: "auto"` (`--ckpt_path last`), on any number of devices.',
  );
  expect(processesOf(dir)).toEqual([]);
  const run = await doomed({ devices: 3, batchSize: 4, resume: "auto" }).fit(module);
  expect(run.stopped).toBe("completed");
  expect(run.history.map(({ epoch, step }) => [epoch, step])).toEqual([
    [0, 3],
    [1, 6],
  ]);
  // Each step has the same samples as in an uninterrupted run.
  const whole = await doomed({ name: "whole" }).fit(module);
  whole.history.forEach(({ train_loss }, i) => {
    expect(Math.abs(run.history[i]!.train_loss / train_loss - 1)).toBeLessThan(1e-5);
  });
  module.dispose();
}, 180_000);

test("restarts a run whose worker was killed, with maxRestarts", async () => {
  const module = new EqualityModule(MIXED);
  const run = await doomed({ maxRestarts: 1 }).fit(module);
  expect(run.stopped).toBe("completed");
  expect(run.history).toHaveLength(2);
  const said = events().flatMap((event) => (event.event === "warning" ? [event.message] : []));
  expect(said).toEqual([
    expect.stringContaining("started again from step 3 (1 of 1): Rank 1 of 2 ended the training"),
  ]);
  expect(events().filter(({ event }) => event === "validation")).toHaveLength(2);
  module.dispose();
});

test("stops all processes at the same batch on Ctrl-C, saves, and returns", async () => {
  const { child, ended } = script("script.ts", job({ epochs: 10_000, devices: 2 }));
  await until(validated, ended);
  child.kill("SIGINT");
  expect(await ended).toMatchObject({ code: 0 });
  expect(result().stopped).toBe("interrupted");
  expect(existsSync(join(dir, "run", "checkpoints", "last.safetensors"))).toBe(true);
  expect(processesOf(dir)).toEqual([]);
});

test("ends the workers with the process that started them, even when it is killed", async () => {
  const { child, ended } = script("script.ts", job({ epochs: 10_000, devices: 2 }));
  await until(validated, ended);
  expect(processesOf(dir)).toHaveLength(3);
  child.kill("SIGKILL");
  await ended;
  const killed = Date.now();
  await until(() => processesOf(dir).length === 0);
  expect(Date.now() - killed).toBeLessThan(15_000);
});

/** The variables that torchrun sets. */
const torchrun = (rank: number, port: number) => ({
  RANK: String(rank),
  WORLD_SIZE: "2",
  LOCAL_RANK: String(rank),
  MASTER_ADDR: "127.0.0.1",
  MASTER_PORT: String(port),
});

test("joins processes by the variables of torchrun and of SLURM", async () => {
  const port = await freePort();
  const slurm = (rank: number) => ({
    SLURM_PROCID: String(rank),
    SLURM_STEP_NUM_TASKS: "2",
    SLURM_LOCALID: String(rank),
    SLURM_JOB_ID: "71",
    SLURM_STEP_NODELIST: "localhost",
    MASTER_PORT: String(port),
  });
  const both = [(rank: number) => torchrun(rank, port), slurm];
  for (const [i, environment] of both.entries()) {
    const ranks = [0, 1].map((rank) =>
      script(
        "script.ts",
        { ...job({ epochs: 3, name: `run-${i}`, result: join(dir, `result-${rank}`) }) },
        environment(rank),
      ),
    );
    const done = await Promise.all(ranks.map(({ ended }) => ended));
    expect(done.map(({ code, output }) => code || output)).toEqual(["", ""]);
    const [first, second] = [0, 1].map((rank) =>
      JSON.parse(readFileSync(join(dir, `result-${rank}-${i === 0 ? rank : 0}.json`), "utf8")),
    );
    expect(first.history).toHaveLength(3);
    expect(second).toEqual(first);
    expect(events(`run-${i}`).filter(({ event }) => event === "validation")).toHaveLength(3);
  }
});

test("rank 0 reports at once that MASTER_PORT is in use", async () => {
  const server = createServer(() => {});
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as { port: number };
  try {
    const done = await script("script.ts", job({ epochs: 1 }), torchrun(0, port)).ended;
    expect(done.code).toBe(1);
    expect(done.output).toContain(
      `Port ${port} of 127.0.0.1 is taken by another program: give another MASTER_PORT, or end that program.`,
    );
    expect(done.seconds).toBeLessThan(15);
  } finally {
    server.close();
  }
});

test("ends the other processes when one that joined dies", async () => {
  const port = await freePort();
  const ranks = [0, 1].map((rank) => script("script.ts", job({ epochs: 10_000 }), torchrun(rank, port)));
  await until(validated, ranks[0]!.ended);
  ranks[1]!.child.kill("SIGKILL");
  const killed = Date.now();
  const done = await ranks[0]!.ended;
  expect(done.output).toContain("gradbook: rank 0 ends: rank 1: its process ended");
  expect(Date.now() - killed).toBeLessThan(15_000);
});
