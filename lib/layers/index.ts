/**
 * Training modules from tfjs-layers models, and batches from arrays.
 *
 * @module gradbook/layers
 */

export {
  type ArrayBatches,
  type ArrayBatchesOptions,
  arrayBatches,
  type PartName,
} from "./array-batches";
export { indexBatches } from "./index-batches";
export {
  type Examples,
  type Layer,
  type LayersModel,
  type LayersModuleOptions,
  type LayerWeight,
  layersModule,
} from "./layers-module";
export type { Arrays } from "./tables";
