import { expect, test } from "vitest";
import { DISPLAY } from "../../lib/base/jupyter/display";
import { buildModel } from "../../lib/model";
import { modelSummary } from "../../lib/twin/twin-module";
import { INPUT, small } from "../model/configs";

test("summarises the cost of a batch as text in a terminal and as a table in a notebook", () => {
  const model = buildModel(small(), INPUT, 1);
  const table = modelSummary(model, 2);
  const size = model.parameters.reduce((sum, { variable }) => sum + variable.size, 0);
  const lines = table.toString().split("\n");
  expect(lines[0]).toBe(`${size} parameters; a batch of 2 takes about 1 MB in training`);
  expect(lines[1]).toMatch(/^stage +type +output shape +parameters +MFLOP \(forward\) +MB \(training\)$/);
  expect(lines[3]).toMatch(/^frontend +learnable_temporal +2 × 3 × 11 × 11 × 2 +8 +0 +0$/);
  expect(table[DISPLAY]()["text/html"]).toMatch(/<th>MB \(training\)<\/th>.*<td>learnable_temporal<\/td>/);
  model.dispose();
});

test("reports memory that grows with the batch and with what a block keeps", () => {
  const model = buildModel(small(), INPUT, 1);
  const [one, two] = [model.summary(1), model.summary(2)];
  const row = (rows: typeof one, stage: string) => rows.find((r) => r.stage === stage)!;
  // Conv and norm keep 3 frames of 9 × 9 × 4 each; pooling, activation, sum and output keep 4 × 4 × 4 each; the last
  // term is the frame that two taps read.
  const first = 11 * 11 * 2;
  const kept = first + 2 * (3 * 9 * 9 * 4) + 3 * (3 * 4 * 4 * 4);
  const { parameters } = row(one, "convnet");
  expect(row(one, "convnet").bytes).toBe(4 * (kept + 4 * parameters));
  expect(row(two, "convnet").bytes).toBe(4 * (2 * kept + 4 * parameters));
  expect(row(one, "adapter").bytes).toBe(0);
  model.dispose();
});
