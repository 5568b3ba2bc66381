import { makeFolderOf } from "../base/files/folder";
import { exportLightning } from "../twin";
import type { Exporter } from "./exporter";

/** Writes a checkpoint that the PyTorch Lightning package loads and resumes. */
export const lightning: Exporter = {
  description:
    "a checkpoint that the PyTorch Lightning package loads, and resumes with its optimizer's state",
  out: "model.ckpt",
  write: async ({ checkpoint, out, sessionsFile }) => {
    makeFolderOf(out);
    const { weights, optimizer, notes } = exportLightning({
      checkpoint,
      out,
      ...(sessionsFile ? { sessionsFile } : {}),
    });
    const state =
      typeof optimizer === "number"
        ? `optimizer: the state of ${optimizer} parameters`
        : `optimizer: no state was written (${optimizer})`;
    return { written: [`${weights.length} weights of ${checkpoint} written to ${out}`, state], notes };
  },
};
