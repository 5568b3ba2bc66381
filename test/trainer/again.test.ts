import { basename } from "node:path";
import { expect, test, vi } from "vitest";
import { EarlyStopping } from "../../lib/callbacks/early-stopping";
import { ModelCheckpoint } from "../../lib/callbacks/model-checkpoint";
import { Trainer } from "../../lib/trainer/trainer";
import { newFolder } from "../new-folder";
import { Toy } from "./toy";

const dir = newFolder();
const stopping = (patience: number) => new EarlyStopping({ monitor: "val_loss", patience });
const best = (saveTopK = 1) => new ModelCheckpoint({ monitor: "val_loss", saveTopK });

test("does not restart a run that ended by early stopping, unless its option has changed", async () => {
  const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
  const start = (patience: number) =>
    new Trainer({
      dir,
      name: "early",
      batchSize: 4,
      maxEpochs: 50,
      optimizer: { lr: 0.5 },
      resume: "auto",
      callbacks: [stopping(patience), best()],
    }).fit(new Toy());
  const [first, again, longer] = [await start(3), await start(3), await start(5)];
  expect([first.stopped, again.stopped]).toEqual(["early", "early"]);
  expect(again.history).toEqual(first.history);
  expect(longer.history.length).toBeGreaterThan(first.history.length);
  warn.mockRestore();
});

test("resets callbacks in a second fit", async () => {
  const callbacks = [stopping(2), best()];
  const how = { dir, batchSize: 4, callbacks };
  await new Trainer({ ...how, name: "one", maxEpochs: 30, optimizer: { lr: 0.5 } }).fit(new Toy());
  const two = await new Trainer({ ...how, name: "two", maxEpochs: 5, optimizer: { lr: 0.01 } }).fit(
    new Toy(),
  );
  expect([two.stopped, two.history.length]).toEqual(["completed", 5]);
  expect(basename(two.kept.best!.path)).toMatch(/^epoch-005_/);
});

test("keeps the files of two ModelCheckpoints of one metric apart", async () => {
  const [all, top] = [best(-1), best()];
  const how = { dir, name: "same", batchSize: 4, maxEpochs: 4, optimizer: { lr: 0.01 } };
  await new Trainer({ ...how, callbacks: [all, top] }).fit(new Toy());
  expect([all.kept.length, top.kept.length]).toEqual([4, 1]);
  expect(basename(top.kept[0]!.path)).toMatch(/-v1\.safetensors$/);
});
