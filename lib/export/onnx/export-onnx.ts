import { rangeErrorsAs } from "../../base/config/errors";
import { writeAtomically } from "../../base/files/atomic";
import { makeFolderOf } from "../../base/files/folder";
import type { Twin } from "../../twin";
import { requireSmall } from "../graph/limits";
import type { PortableGraph } from "../graph/portable-graph";
import { ratesGraph } from "../graph/rates-graph";
import { unitIds } from "../unit-ids";
import { ARRANGEMENT } from "./arrangement";
import { CONTRACTION } from "./contraction";
import { ELEMENTWISE } from "./elementwise";
import { OnnxGraph } from "./graph";
import { type Convert, Operation } from "./operation";
import { modelBytes } from "./proto";

/** The operations of TensorFlow that have a counterpart. */
const OPERATIONS: Readonly<Record<string, Convert>> = { ...ARRANGEMENT, ...CONTRACTION, ...ELEMENTWISE };

/**
 * Writes a twin as an ONNX model (opset 17) from a batch of any size to the rates of all units, `[batch, units]`. Its inputs are those of
 * gradbook: `stim` `[batch, lags, height, width, channels]`, and `behavior`, `eyepos`, `history` and `session` as far as the model reads them.
 *
 * @param file is replaced if it exists
 * @returns the path of the file
 * @throws ConfigError for an operation without a counterpart, and for weights of more than 2 GB
 */
export function exportOnnx(twin: Twin, file: string): string[] {
  const graph = ratesGraph(twin);
  requireSmall(graph, twin.path, "an ONNX file");
  const fields = rangeErrorsAs(twin.path, "model", () => converted(graph)).fields(
    twin.model.unitDataset.length,
  );
  makeFolderOf(file);
  writeAtomically(file, [modelBytes(fields, "twin", { sessions: unitIds(twin) })]);
  return [file];
}

/** Converts a graph of TensorFlow. @throws RangeError for an operation without a counterpart */
export function converted(graph: PortableGraph): OnnxGraph {
  const onnx = new OnnxGraph(graph);
  for (const node of graph.nodes) {
    const operation = new Operation(node, onnx);
    const convert = OPERATIONS[node.kind];
    if (!convert) throw operation.unsupported("it has no counterpart here");
    convert(operation);
  }
  return onnx;
}
