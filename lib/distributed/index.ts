/**
 * Processes that train together.
 *
 * @module gradbook/distributed
 */

export type { Accelerator, Devices } from "./devices";
export { type Fault, LaunchError } from "./logs";
