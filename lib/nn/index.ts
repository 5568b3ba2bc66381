/**
 * Layers as plans: shapes, weights and pure functions, for components of your own.
 *
 * @module gradbook/nn
 */

export { below, type Place, problemAt } from "../base/config";
export { type Component, component, type TypedComponent } from "./component";
export { planConvBlock } from "./conv-block";
export type { PlannedBlock } from "./conv-block-options";
export { constant, type Initializer, normal, ones, orthogonal, uniformByFanIn, zeros } from "./initializers";
export type { Newest } from "./newest";
export type { Parameter } from "./parameter";
export {
  Chain,
  type LayerKernel,
  type Mode,
  type Plan,
  prefixed,
  type Rng,
  scoped,
  type WeightSpec,
  type Weights,
} from "./plan";
export { type AxisMap, type Geometry, SAME_PLACE, type Triple, type VideoShape } from "./shape";
