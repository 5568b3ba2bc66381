/**
 * Exports of trained twins for other programs.
 *
 * @module gradbook/export
 */

export { exportOnnx } from "./onnx/export-onnx";
export { exportSavedModel } from "./saved-model/export-saved-model";
export { exportTorch } from "./torch/export-torch";
export { exportWeb } from "./web";
