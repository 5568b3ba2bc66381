import { join } from "node:path";
import { writeAtomically } from "../../base/files/atomic";
import { makeFolder } from "../../base/files/folder";
import { TF } from "../../engine/dtypes";
import type { Twin } from "../../twin";
import { requireSmall } from "../graph/limits";
import { tensorName } from "../graph/portable-graph";
import { ratesGraph } from "../graph/rates-graph";
import { unitIds } from "../unit-ids";
import { graphNodes } from "./graph-def";
import { nodeField, savedModelBytes, typeAttribute } from "./proto";

/** The name of the result. */
const RATES = "rates";

/**
 * Writes a twin as a SavedModel of TensorFlow with the signature `serving_default`, from a batch of any size to the rates of all units,
 * `rates` `[batch, units]`. Its inputs are those of gradbook: `stim` `[batch, lags, height, width, channels]`, and `behavior`, `eyepos`,
 * `history` and `session` as far as the model reads them. The weights are constants of the graph.
 *
 * @param folder is created if it does not exist
 * @returns the paths of the files
 * @throws ConfigError for weights of more than 2 GB, and for a folder that cannot be written
 */
export function exportSavedModel(twin: Twin, folder: string): string[] {
  const graph = ratesGraph(twin);
  requireSmall(graph, twin.path, "the graph of a SavedModel");
  const inputs = graph.inputs.map(({ name, sample, dtype }) => ({
    name,
    tensor: `${name}:0`,
    dtype,
    shape: [-1, ...sample],
  }));
  const rates = {
    name: RATES,
    tensor: `${RATES}:0`,
    dtype: TF.FLOAT,
    shape: [-1, twin.model.unitDataset.length],
  };
  const nodes = [
    ...graphNodes(graph),
    nodeField(RATES, "Identity", [tensorName(graph.result)], [typeAttribute("T", TF.FLOAT)]),
  ];
  makeFolder(folder);
  const file = join(folder, "saved_model.pb");
  const sessions = join(folder, "sessions.json");
  writeAtomically(file, [savedModelBytes(nodes, inputs, [rates])]);
  writeAtomically(sessions, [`${unitIds(twin)}\n`]);
  return [file, sessions];
}
