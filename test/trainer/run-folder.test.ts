import { spawn } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { CSVLogger } from "../../lib/callbacks/loggers/csv";
import { TensorBoardLogger } from "../../lib/callbacks/loggers/tensorboard";
import { ModelCheckpoint } from "../../lib/callbacks/model-checkpoint";
import type { Callback, FitContext } from "../../lib/protocols/callback";
import type { TrainerOptions } from "../../lib/trainer/options";
import { Trainer } from "../../lib/trainer/trainer";
import { newFolder } from "../new-folder";
import { withMetric } from "./scripted";
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

const base = { batchSize: 4, maxEpochs: 3, optimizer: { lr: 0.02 } } satisfies TrainerOptions;
const checkpointsOf = (name: string) => join(dir, name, "checkpoints");
const filesOf = (name: string) => readdirSync(checkpointsOf(name)).sort();
const top = (saveTopK = 1) => new ModelCheckpoint({ monitor: "val_loss", saveTopK });
const train = (name: string, more: TrainerOptions = {}, module = new Toy()) =>
  new Trainer({ ...base, dir, name, callbacks: [top()], ...more }).fit(module);
/** Records the step with which a fit begins, and ends the fit. */
const look = () => {
  const seen: { step?: number } = {};
  const callback: Callback = {
    onFitStart(context: FitContext) {
      seen.step = context.step;
      context.stop("interrupted");
    },
  };
  return { seen, callback };
};
const resumedAt = async (name: string, more: TrainerOptions = {}) => {
  const { seen, callback } = look();
  await train(name, { maxEpochs: 9, resume: "auto", callbacks: [callback, top()], ...more });
  return seen.step;
};

describe("a run manages only the files of its own folder", () => {
  test("a run that continues another run's checkpoint does not change the other run's files", async () => {
    const a = await train("a");
    const files = filesOf("a");
    const b = await train("b", { maxEpochs: 6, resume: a.kept.last! });
    expect(filesOf("a")).toEqual(files);
    expect(b.kept.best!.path.startsWith(checkpointsOf("b"))).toBe(true);
    // Later epochs are worse than those of run b.
    const c = await train("c", { maxEpochs: 8, optimizer: { lr: 5 }, resume: b.kept.last! });
    expect(c.kept.best!.path.startsWith(checkpointsOf("c"))).toBe(true);
  });

  test("a run that continues another run's checkpoint does not overwrite an earlier run of its own name", async () => {
    const a = await train("a");
    await train("b");
    await expect(train("b", { maxEpochs: 6, resume: a.kept.last! })).rejects.toThrow(
      `${join(dir, "b")}: holds an earlier run; resume it with \`resume: "auto"\`, give another \`name\`, or replace it with \`overwrite: true\``,
    );
  });

  test("a copy keeps its best checkpoint, and removes no file of the original", async () => {
    await train("orig", { callbacks: [top(2)] });
    const files = filesOf("orig");
    cpSync(join(dir, "orig"), join(dir, "copy"), { recursive: true });
    const callbacks = [top(2)];
    await train("copy", { maxEpochs: 6, resume: "auto", callbacks });
    expect(filesOf("orig")).toEqual(files);
    expect(filesOf("copy")).toHaveLength(3);
    for (const { path } of callbacks[0]!.kept) expect(path.startsWith(checkpointsOf("copy"))).toBe(true);
  });

  test("a folder that was moved keeps its best checkpoint, also from another working folder", async () => {
    const callbacks = () => [new ModelCheckpoint({ monitor: "val_m" })];
    const first = await train("old", { callbacks: callbacks() }, withMetric("val_m", 0.1, 0.2, 0.3));
    renameSync(join(dir, "old"), join(dir, "new"));
    const run = await train(
      "new",
      { maxEpochs: 5, resume: "auto", callbacks: callbacks() },
      withMetric("val_m", 0.9),
    );
    expect(run.kept.best).toEqual({
      path: join(checkpointsOf("new"), basename(first.kept.best!.path)),
      score: 0.1,
    });
  });

  test("a checkpoint of version 0.1, whose state has paths, keeps the files that are in the run's folder", async () => {
    const [callback, outside] = [top(3), join(dir, "epoch-001_val_loss-0.safetensors")];
    writeFileSync(outside, "another's");
    await train("run", { callbacks: [callback] });
    const old = callback.kept.map(({ path, score }) => ({ path: `elsewhere/${basename(path)}`, score }));
    callback.restore([...old, { path: outside, score: 0 }, { path: "..", score: 0 }], {
      checkpoints: checkpointsOf("run"),
    } as FitContext);
    expect(callback.kept.map(({ path }) => path)).toEqual(
      old.map(({ path }) => join(checkpointsOf("run"), basename(path))),
    );
    expect(readFileSync(outside, "utf8")).toBe("another's");
  });
});

describe("`auto` continues from the checkpoint with the most steps", () => {
  test("whatever the modification times of the files", async () => {
    await train("run", { callbacks: [top(3)] });
    for (const [i, file] of ["last.safetensors", ...filesOf("run")].entries())
      utimesSync(join(checkpointsOf("run"), file), new Date(), new Date(Date.now() + 1000 * i));
    utimesSync(join(checkpointsOf("run"), "last.safetensors"), new Date(), new Date(0));
    expect(await resumedAt("run")).toBe(30);
  });

  test("`last` is the same", async () => {
    await train("run");
    expect(await resumedAt("run", { resume: "last" })).toBe(30);
  });

  test("skips and keeps a checkpoint of another run that was copied into the folder", async () => {
    const long = await train("long", { maxEpochs: 5 });
    await train("run");
    const foreign = join(checkpointsOf("run"), "pretrained.safetensors");
    copyFileSync(long.kept.last!, foreign);
    expect(await resumedAt("run")).toBe(30);
    await train("run", { overwrite: true });
    expect(existsSync(foreign)).toBe(true);
  });

  test("sets aside later checkpoints after a start from an earlier one by its path", async () => {
    await train("run", { callbacks: [new ModelCheckpoint({ monitor: "val_loss", saveTopK: -1 })] });
    const first = filesOf("run")[0]!;
    expect(await resumedAt("run", { resume: join(checkpointsOf("run"), first) })).toBe(10);
    expect(filesOf("run")).toEqual([first, "last.safetensors"]);
    expect(readdirSync(join(dir, "run", "earlier-1", "checkpoints"))).toHaveLength(3);
    expect(await resumedAt("run")).toBe(10);
  });
});

describe("an unreadable checkpoint is never removed or overwritten", () => {
  test("renames a truncated last checkpoint and continues from the previous one", async () => {
    const run = await train("run", {}, new Toy());
    const { best, last } = run.kept;
    truncateSync(last!, 100);
    const half = readFileSync(last!);
    expect(await resumedAt("run")).toBe(30);
    expect(warned).toEqual([
      `${last}: damaged or not a checkpoint: use another one of the same run's checkpoints folder; it is kept, and the run continues from ${best!.path} (step 30)`,
    ]);
    expect(readFileSync(`${last}.unreadable`)).toEqual(half);
  });

  test("rejects the fit when all checkpoints are damaged, and changes no file", async () => {
    await train("run");
    for (const file of filesOf("run")) truncateSync(join(checkpointsOf("run"), file), 10);
    const before = filesOf("run");
    const [events, config] = ["events.jsonl", "config.yaml"].map((file) =>
      readFileSync(join(dir, "run", file), "utf8"),
    );
    const message =
      "is damaged, and there is no other checkpoint; nothing was changed. Replace it by an intact one, or start a run with another `name`";
    await expect(resumedAt("run")).rejects.toThrow(
      `${checkpointsOf("run")}:\n${before.map((file) => `  - ${file}: ${message}`).join("\n")}`,
    );
    expect(filesOf("run")).toEqual(before);
    expect(readFileSync(join(dir, "run", "events.jsonl"), "utf8")).toBe(events);
    expect(readFileSync(join(dir, "run", "config.yaml"), "utf8")).toBe(config);
  });

  test.each([
    ["ELOOP", (path: string) => symlinkSync(path, path)],
    ["EISDIR", (path: string) => mkdirSync(path)],
    ["ENOENT", (path: string) => symlinkSync("/nowhere/at/all", path)],
  ])("rejects the fit when the newest file gives %s, and names the file", async (code, make) => {
    await train("run");
    const last = join(checkpointsOf("run"), "last.safetensors");
    renameSync(last, join(dir, "kept"));
    make(last);
    const before = filesOf("run");
    const why = code === "ENOENT" ? "no such checkpoint; check the path" : `cannot be read (${code})`;
    await expect(resumedAt("run")).rejects.toThrow(
      `${last}: ${why}, so the position of the run is unknown; nothing was changed. Make it readable, give \`resume\` the path of another checkpoint, or start a run with another \`name\``,
    );
    expect(filesOf("run")).toEqual(before);
    const best = join(checkpointsOf("run"), before[0]!);
    expect(await resumedAt("run", { resume: best })).toBe(30);
    expect(filesOf("run")).toContain("last.safetensors.unreadable");
  });

  test.runIf(process.getuid?.() !== 0)("rejects the fit without read permission", async () => {
    await train("run");
    for (const file of filesOf("run")) chmodSync(join(checkpointsOf("run"), file), 0);
    const before = filesOf("run");
    await expect(resumedAt("run")).rejects.toThrow("cannot be read (EACCES)");
    expect(filesOf("run")).toEqual(before);
  });

  test("sets aside events without checkpoints when the run starts over", async () => {
    const { callback } = look();
    const stop: Callback = { onTrainBatchEnd: (context) => context.stop("diverged") };
    await train("run", { resume: "auto", callbacks: [stop] });
    const events = readFileSync(join(dir, "run", "events.jsonl"), "utf8");
    expect(filesOf("run")).toEqual([]);
    await train("run", { resume: "auto", callbacks: [callback] });
    expect(readFileSync(join(dir, "run", "earlier-1", "events.jsonl"), "utf8")).toBe(events);
    expect(warned).toEqual([
      `${join(dir, "run")} holds no checkpoint to resume from, so the run starts over; the files of the earlier start are in earlier-1`,
    ]);
  });

  test("treats checkpoints without events as an earlier run", async () => {
    await train("run");
    renameSync(join(dir, "run", "events.jsonl"), join(dir, "events"));
    await expect(train("run")).rejects.toThrow("holds an earlier run");
    expect(await resumedAt("run")).toBe(30);
  });
});

describe("overwrite: true", () => {
  test("removes the files of the earlier run and its loggers only", async () => {
    const loggers = () => [new CSVLogger(), new TensorBoardLogger()];
    const save: Callback = {
      onFitEnd: (context) => void context.save(join(context.checkpoints, "mine.safetensors")),
    };
    await train("run", { callbacks: [top(), save, ...loggers()] });
    const folder = join(dir, "run");
    const mine = ["notes.txt", "checkpoints/notes.txt", "pictures/masks/mine.png", "tensorboard/mine"];
    mkdirSync(join(folder, "pictures", "masks"), { recursive: true });
    mkdirSync(join(folder, "evaluations"));
    for (const file of mine) writeFileSync(join(folder, file), "mine");
    for (const file of ["evaluation.json", "evaluations/epoch-005.json", "pictures/masks/epoch-005.svg"])
      writeFileSync(join(folder, file), "of the run");
    await train("run", { overwrite: true, maxEpochs: 1, callbacks: [] });
    const files = readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((file) => !statSync(join(folder, file)).isDirectory())
      .sort();
    expect(files).toEqual([...mine, "checkpoints/last.safetensors", "config.yaml", "events.jsonl"].sort());
  });
});

describe("one fit at a time", () => {
  test("rejects a second fit in a folder, and names the holder's process", async () => {
    const inside: Callback = {
      async onFitStart() {
        await expect(train("run", { resume: "auto" })).rejects.toThrow(
          new RegExp(
            `^${join(dir, "run")}: is in use by another fit of this process \\(${process.pid} on \\S+, since \\S+Z\\); wait until it has ended, or give another \`name\`$`,
          ),
        );
      },
    };
    await train("run", { callbacks: [inside] });
    expect(existsSync(join(dir, "run", "run.lock"))).toBe(false);
    expect(await resumedAt("run")).toBe(30);
  });

  test("rejects a second fit of a trainer", async () => {
    const trainer = new Trainer({ ...base, dir, name: "run" });
    const first = trainer.fit(new Toy());
    await expect(trainer.fit(new Toy())).rejects.toThrow(
      "Trainer.fit: another fit of this trainer is going on; await it (or end it with `trainer.stop()` and await it) before the next",
    );
    expect((await first).stopped).toBe("completed");
  });

  test("rejects a second process, and takes over the lock of a killed one", async () => {
    const first = spawn(process.execPath, ["--import", "tsx", "test/trainer/holder.ts", dir], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await new Promise((resolve) => first.stdout.once("data", resolve));
    const tmp = join(checkpointsOf("run"), `last.safetensors.${first.pid}.tmp`);
    writeFileSync(tmp, "half");
    await expect(train("run", { resume: "auto" })).rejects.toThrow(`is in use by process ${first.pid} on `);
    expect(existsSync(tmp)).toBe(true);
    first.kill("SIGKILL");
    await new Promise((resolve) => first.once("exit", resolve));
    expect(await resumedAt("run")).toBe(0);
    expect(readdirSync(join(dir, "run"))).not.toContain("run.lock");
  }, 60_000);
});

test("overwriting removes checkpoints that a template named and their copies for PyTorch, and no file of the user", async () => {
  const named = () => new ModelCheckpoint({ monitor: "val_loss", filename: "{epoch:02d}-{val_loss:.4f}" });
  await train("run", { callbacks: [named()] });
  const [first] = filesOf("run").filter((name) => name.startsWith("epoch"));
  const copy = join(dir, "run", first!.replace(".safetensors", ".ckpt"));
  const own = join(dir, "run", "epoch=07-mine=0.1.ckpt");
  for (const path of [copy, own]) writeFileSync(path, "");
  await train("run", { callbacks: [top()], maxEpochs: 1, overwrite: true });
  expect(filesOf("run").filter((name) => name.includes("="))).toEqual([]);
  expect([copy, own].map((path) => existsSync(path))).toEqual([false, true]);
});
