import { existsSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { EarlyStopping } from "../../lib/callbacks/early-stopping";
import { ModelCheckpoint } from "../../lib/callbacks/model-checkpoint";
import type { Callback } from "../../lib/protocols/callback";
import { readCheckpoint } from "../../lib/trainer/checkpoint/checkpoint";
import { readSafetensors, writeSafetensors } from "../../lib/trainer/checkpoint/safetensors";
import type { CheckpointState } from "../../lib/trainer/checkpoint/state";
import type { TrainerOptions } from "../../lib/trainer/options";
import { Trainer } from "../../lib/trainer/trainer";
import { newFolder } from "../new-folder";
import { Toy } from "./toy";

let dir: string;
let warned: string[];
beforeEach(() => {
  dir = newFolder();
  warned = [];
  vi.spyOn(console, "warn").mockImplementation((text) => void warned.push(String(text)));
});
afterEach(() => {
  vi.restoreAllMocks();
});

const checkpointsOf = (name: string) => join(dir, name, "checkpoints");
const lastOf = (name: string) => join(checkpointsOf(name), "last.safetensors");
const best = (options = {}) => new ModelCheckpoint({ monitor: "val_loss", ...options });
const base = { batchSize: 4, optimizer: { lr: 0.02 } } satisfies TrainerOptions;
const over = (why: string, change = "an option of the trainer") =>
  `the run had ended (${why}), so it is not trained further; to continue, change ${change}, or resume from an earlier checkpoint by its path`;

describe("does not train a run on restart that ended by itself", () => {
  const slow: Callback = { onTrainBatchEnd: () => new Promise((resolve) => setTimeout(resolve, 20)) };
  const timed = (more: TrainerOptions = {}) =>
    new Trainer({
      ...base,
      dir,
      name: "timed",
      maxEpochs: 9,
      maxTime: 0.5,
      resume: "auto",
      callbacks: [slow, best()],
      ...more,
    }).fit(new Toy());

  test("because of its time limit, unless the limit has changed", async () => {
    const first = await timed();
    expect(first.stopped).toBe("time");
    const { step } = readCheckpoint(lastOf("timed")).state;
    const again = await timed();
    expect([again.stopped, again.history]).toEqual(["time", first.history]);
    expect(readCheckpoint(lastOf("timed")).state.step).toBe(step);
    expect(warned).toEqual([over("time")]);
    expect((await timed({ maxTime: 60, callbacks: [best()] })).stopped).toBe("completed");
  });

  const diverging = (more: TrainerOptions = {}, module = new Toy(15, 1000)) =>
    new Trainer({
      ...base,
      dir,
      name: "ill",
      maxEpochs: 9,
      resume: "auto",
      callbacks: [best()],
      ...more,
    }).fit(module);

  test("because of divergence, unless an option has changed", async () => {
    const first = await diverging();
    expect(first.stopped).toBe("diverged");
    const { step, ended } = readCheckpoint(lastOf("ill")).state;
    expect([step, ended]).toEqual([20, { stopped: "diverged" }]);
    warned = [];
    const again = await diverging();
    expect([again.stopped, again.history]).toEqual(["diverged", first.history]);
    expect(warned).toEqual([over("diverged")]);
    expect((await diverging({ optimizer: { lr: 0.01 } }, new Toy())).stopped).toBe("completed");
  });

  test("continues an interrupted run", async () => {
    const interrupt: Callback = {
      onTrainBatchEnd: (context) => void (context.step === 13 && context.stop("interrupted")),
    };
    const go = (callbacks: Callback[]) =>
      new Trainer({ ...base, dir, name: "cut", maxEpochs: 3, resume: "auto", callbacks }).fit(new Toy());
    expect((await go([interrupt, best()])).stopped).toBe("interrupted");
    expect((await go([best()])).stopped).toBe("completed");
  });
});

/** Changes the state in a checkpoint. */
function rewrite(path: string, change: (state: CheckpointState) => unknown): void {
  const { tensors, metadata } = readSafetensors(path);
  const gradbook = JSON.stringify(change(JSON.parse(metadata.gradbook!)));
  writeSafetensors(path, { tensors, metadata: { ...metadata, gradbook } });
}

/** Returns the state as version 0.1 wrote it: callbacks by class and number, checkpoints by path. */
function asOldState({ batching: _, seconds: __, bad, callbacks, ...state }: CheckpointState) {
  const numbers = new Map<string, number>();
  const old = callbacks.map(({ name, state: of }) => {
    const number = numbers.get(name) ?? 0;
    numbers.set(name, number + 1);
    const paths = Array.isArray(of)
      ? of.map(({ name: file, score }) => ({ path: join("runs", "run", "checkpoints", file), score }))
      : of;
    return { name, number, state: paths };
  });
  return { ...state, bad: { inARow: bad.inARow, total: bad.total }, callbacks: old };
}

describe("the state of callbacks", () => {
  /** Trains two epochs, and resumes with other callbacks. */
  async function goOn(before: Callback[], now: Callback[], old: boolean) {
    const train = (maxEpochs: number, callbacks: Callback[]) =>
      new Trainer({ ...base, dir, name: "run", maxEpochs, resume: "auto", callbacks }).fit(new Toy());
    await train(2, before);
    if (old)
      for (const file of readdirSync(checkpointsOf("run")))
        rewrite(join(checkpointsOf("run"), file), asOldState);
    let states: unknown[] = [];
    const look: Callback = {
      onFitStart: () => {
        states = now.map((callback) => callback.state?.());
      },
    };
    await train(3, [look, ...now]);
    return states;
  }
  const stopping = (monitor: string, patience = 9) => new EarlyStopping({ monitor, patience });

  test("is restored from version 0.1, with checkpoints known by their names", async () => {
    const [before, now] = [
      [stopping("train_loss"), stopping("val_loss"), best({ saveTopK: 2 })],
      [stopping("train_loss"), stopping("val_loss"), best({ saveTopK: 2 })],
    ];
    const states = await goOn(before, now, true);
    expect(states[0]).not.toEqual(states[1]);
    expect(states).toEqual([
      { best: expect.any(Number), bad: 0 },
      { best: expect.any(Number), bad: 0 },
      [
        { name: expect.stringMatching(/^epoch-002_/), score: expect.any(Number) },
        { name: expect.stringMatching(/^epoch-001_/), score: expect.any(Number) },
      ],
    ]);
    expect(warned).toEqual([]);
  });

  test("produces a warning where it fits no callback: another metric, another mode, a removed callback", async () => {
    const before = [stopping("val_loss"), new EarlyStopping({ monitor: "train_loss", patience: 9 }), best()];
    const now = [stopping("train_loss", 5), new ModelCheckpoint({ monitor: "val_loss", mode: "max" })];
    const [restored, kept] = await goOn(before, now, false);
    expect(restored).toEqual({ best: expect.any(Number), bad: 0 });
    expect(kept).toEqual([]);
    const unmatched = (what: string) =>
      `the state of ${what} in the checkpoint matches no current callback, so it is not restored`;
    expect(warned).toEqual([
      unmatched("EarlyStopping (val_loss, min)"),
      unmatched("ModelCheckpoint (val_loss, min)"),
    ]);
  });

  test("of a class that no longer exists produces a warning", async () => {
    await goOn([stopping("val_loss"), best()], [best()], false);
    expect(warned).toEqual([
      "the state of EarlyStopping (val_loss, min) in the checkpoint matches no current callback, so it is not restored",
    ]);
  });
});

describe("a checkpoint whose metadata is JSON, but not the state of a training", () => {
  const damaged = [
    ["null", " (Invalid input: expected object, received null)"],
    ["true", " (Invalid input: expected object, received boolean)"],
    ["[]", " (Invalid input: expected object, received array)"],
    ["{}", ": format (Invalid input: expected 1)"],
  ] as const;

  test.each(damaged)("is rejected by its path, and skipped by auto: %s", async (json, why) => {
    const train = (more: TrainerOptions) =>
      new Trainer({ ...base, dir, name: "run", maxEpochs: 2, callbacks: [best()], ...more }).fit(new Toy());
    const { history } = await train({});
    const { tensors } = readSafetensors(lastOf("run"));
    writeSafetensors(lastOf("run"), { tensors, metadata: { gradbook: json } });
    const message = `${lastOf("run")}: __metadata__.gradbook: is not the state of a training${why}; use another checkpoint of the same run`;
    await expect(train({ resume: lastOf("run") })).rejects.toThrow(message);
    warned = [];
    const again = await train({ resume: "auto" });
    expect(again.history).toEqual(history);
    const whole = readdirSync(checkpointsOf("run")).find((file) => file.startsWith("epoch-002"))!;
    expect(warned).toEqual([
      `${message}; it is kept, and the run continues from ${join(checkpointsOf("run"), whole)} (step 20)`,
    ]);
    expect(existsSync(`${lastOf("run")}.unreadable`)).toBe(true);
    expect(basename(again.kept.best!.path)).toBe(whole);
  });
});
