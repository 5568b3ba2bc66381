import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { CSVLogger } from "../../../lib/callbacks/loggers/csv";
import { TensorBoardLogger } from "../../../lib/callbacks/loggers/tensorboard";
import { toPng } from "../../../lib/plots/image";
import { kernelsFigure } from "../../../lib/plots/twin";
import type { Observer, TrainerEvent } from "../../../lib/protocols/events";
import { newFolder } from "../../new-folder";
import { runPython } from "../../python/python";

let folder: string;
beforeEach(() => {
  folder = newFolder();
});

const start = (): TrainerEvent => ({
  event: "fit_start",
  name: "demo",
  folder,
  parameters: 3,
  max_epochs: 2,
  steps_per_epoch: 2,
});
const step = (step: number, train_loss: number): TrainerEvent => ({
  event: "step",
  epoch: Math.floor((step - 1) / 2),
  step,
  train_loss,
  lr: 0.001 * step,
  samples_per_s: 100,
});
const figure = kernelsFigure([[0, 1, -1]], 100);

async function tell(logger: Observer): Promise<void> {
  writeFileSync(join(folder, "kernels.svg"), figure.svg());
  const events: TrainerEvent[] = [
    start(),
    step(1, 2.5),
    step(2, 1.25),
    { event: "validation", epoch: 0, step: 2, train_loss: 1.875, val_loss: 1.5, "val_bps/a,b": 0.25 },
    { event: "picture", epoch: 0, step: 2, name: "temporal kernels", path: "kernels.svg" },
    step(3, Number.NaN),
    { event: "evaluation", epoch: 1, step: 3, "eval/correlation": 0.625 },
    { event: "fit_end", epoch: 1, step: 3, stopped: "completed", seconds: 1 },
  ];
  for (const event of events) await logger.observe(event);
}

test("writes scalars, steps and images that TensorBoard reads", async () => {
  await tell(new TensorBoardLogger());
  const { scalars, pictures } = JSON.parse(
    await runPython(
      `
import io, json, sys
from PIL import Image
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
events = EventAccumulator(sys.argv[1]); events.Reload(); tags = events.Tags()
print(json.dumps({
  "scalars": {tag: [[e.step, e.value] for e in events.Scalars(tag)] for tag in tags["scalars"]},
  "pictures": {tag: [[e.step, e.width, e.height, *Image.open(io.BytesIO(e.encoded_image_string)).size] for e in events.Images(tag)] for tag in tags["images"]},
}))
`,
      [join(folder, "tensorboard")],
    ),
  );
  const close = (values: number[]) => values.map((value, i) => [i + 1, expect.closeTo(value, 6)]);
  expect(scalars).toEqual({
    train_loss: [[1, 2.5], [2, 1.25]],
    train_loss_epoch: [[2, 1.875]],
    lr: close([0.001, 0.002, 0.003]),
    samples_per_s: close([100, 100, 100]),
    val_loss: [[2, 1.5]],
    "val_bps/a,b": [[2, 0.25]],
    "eval/correlation": [[3, 0.625]],
  }); // biome-ignore format: step and value
  const { width, height } = toPng(figure.svg());
  expect(pictures).toEqual({ "temporal kernels": [[2, width, height, width, height]] });
});

test("writes checksums with which TensorBoard's reader detects a damaged record", async () => {
  await tell(new TensorBoardLogger());
  const [name] = readdirSync(join(folder, "tensorboard"));
  const path = join(folder, "tensorboard", name!);
  const count = async () =>
    Number(
      await runPython(
        `
import struct, sys
from tensorboard.compat.tensorflow_stub.pywrap_tensorflow import PyRecordReader_New
from tensorboard.compat.tensorflow_stub import errors
reader, n = PyRecordReader_New(sys.argv[1]), 0
try:
    while True:
        reader.GetNext(); n += 1
except errors.OutOfRangeError: print(n)
except errors.DataLossError: print(-n)
`,
        [path],
      ),
    );
  // The records: version, start of the session, three steps, validation, picture, evaluation, end of the session.
  expect(await count()).toBe(9);
  const bytes = readFileSync(path);
  bytes[bytes.length - 20]! ^= 1;
  writeFileSync(path, bytes);
  expect(await count()).toBe(-8);
});

test("writes a CSV table with a row for each report and a column for each number, which pandas reads", async () => {
  await tell(new CSVLogger());
  const text = readFileSync(join(folder, "metrics.csv"), "utf8");
  expect(text.split("\n").slice(0, 3)).toEqual([
    'epoch,step,train_loss,lr,samples_per_s,train_loss_epoch,val_loss,"val_bps/a,b",eval/correlation',
    "0,1,2.5,0.001,100,,,,",
    "0,2,1.25,0.002,100,,,,",
  ]);
  const rows = JSON.parse(
    await runPython(
      "import pandas, sys; print(pandas.read_csv(sys.argv[1]).drop(columns=['lr', 'samples_per_s']).to_json(orient='values'))",
      [join(folder, "metrics.csv")],
    ),
  );
  expect(rows).toEqual([
    [0, 1, 2.5, null, null, null, null],
    [0, 2, 1.25, null, null, null, null],
    [0, 2, null, 1.875, 1.5, 0.25, null],
    [1, 3, null, null, null, null, null],
    [1, 3, null, null, null, null, 0.625],
  ]);
});

test("a resumed run continues its table and its TensorBoard files from the checkpoint's step", async () => {
  for (const logger of [new CSVLogger(), new TensorBoardLogger()]) await tell(logger);
  const again = [new CSVLogger(), new TensorBoardLogger()];
  const events: TrainerEvent[] = [{ ...start(), resumed: 2 } as TrainerEvent, step(3, 1), step(4, 0.5)];
  for (const event of events) for (const logger of again) await logger.observe(event);
  const { table, board } = JSON.parse(
    await runPython(
      `
import json, sys, pandas
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
e = EventAccumulator(sys.argv[1] + "/tensorboard"); e.Reload()
t = pandas.read_csv(sys.argv[1] + "/metrics.csv")[["step", "train_loss"]].dropna()
print(json.dumps({"table": t.values.tolist(), "board": [[s.step, s.value] for s in e.Scalars("train_loss")]}))
`,
      [folder],
    ),
  );
  const expected = [[1, 2.5], [2, 1.25], [3, 1], [4, 0.5]]; // biome-ignore format: a table
  expect([table, board]).toEqual([expected, expected]);
});
