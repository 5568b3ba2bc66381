import { Table } from "../base/jupyter";
import type { Model } from "../model";

/**
 * Makes a table of a model's stages: output shape, trained parameters, operations of a forward pass and memory of a
 * training step, for a batch. It is HTML in a notebook and aligned text in a terminal.
 *
 * @example
 * display(modelSummary(buildModel(readModelConfig("model.yaml"), input, 0), 64));
 */
export function modelSummary(model: Model, batchSize: number): Table {
  const stages = model.summary(batchSize);
  const rows = stages.map(({ stage, type, outputShape, parameters, flops, bytes }) => ({
    stage,
    type,
    "output shape": outputShape.join(" × "),
    parameters,
    "MFLOP (forward)": Math.round(flops / 1e6),
    "MB (training)": Math.round(bytes / 1e5) / 10,
  }));
  const total = (of: (row: (typeof stages)[number]) => number) =>
    stages.reduce((sum, row) => sum + of(row), 0);
  const parameters = total((row) => row.parameters).toLocaleString("en");
  const megabytes = Math.ceil(total((row) => row.bytes) / 1e6).toLocaleString("en");
  return new Table(
    rows,
    `${parameters} parameters; a batch of ${batchSize} takes about ${megabytes} MB in training`,
  );
}
