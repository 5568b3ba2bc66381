/**
 * Exports of trained twins for other programs.
 *
 * @module gradbook/export
 */

export { exportTorch } from "./torch/export-torch";
export { exportWeb } from "./web";
