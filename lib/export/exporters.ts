import { loadTwin, type Twin } from "../twin";
import type { Exporter } from "./exporter";
import { lightning } from "./lightning";
import { exportOnnx } from "./onnx/export-onnx";
import { OPSET } from "./onnx/proto";
import { exportSavedModel } from "./saved-model/export-saved-model";
import { exportTorch } from "./torch/export-torch";
import { exportWeb } from "./web";

/** Makes an exporter of a twin. @param write writes the twin and returns the paths of the files */
const ofTwin = (
  description: string,
  out: string,
  write: (twin: Twin, out: string) => string[] | Promise<string[]>,
): Exporter => ({
  description,
  out,
  write: async ({ checkpoint, out, ...trust }) => {
    const twin = await loadTwin(checkpoint, trust);
    try {
      const files = await write(twin, out);
      return { written: [`the twin of ${checkpoint} was written to ${files.join(", ")}`] };
    } finally {
      twin.dispose();
    }
  },
});

/** `--to` → exporter. */
export const EXPORTERS: Readonly<Record<string, Exporter>> = {
  lightning,
  torch: ofTwin(
    "a folder with a Python file of nn.Modules and a safetensors file, which need only PyTorch",
    "twin_torch",
    exportTorch,
  ),
  onnx: ofTwin(`a model for ONNX Runtime and others, opset ${OPSET}`, "twin.onnx", exportOnnx),
  "saved-model": ofTwin("a SavedModel of TensorFlow, as a folder", "twin_saved_model", exportSavedModel),
  web: ofTwin(
    "a folder of static files with a page on which the twin responds, computed in the browser",
    "twin_web",
    exportWeb,
  ),
};
