export { below, type Place, problemAt } from "../base/config";
export { type Component, component, componentOf } from "./component";
export { planActivation, planConvBlock } from "./conv-block";
export { norms } from "./norm";
export { createVariables, isDecayed, lookUp, type Parameter } from "./parameter";
export {
  Chain,
  type DrawsLike,
  identityPlan,
  keptBy,
  type LayerKernel,
  type Mode,
  type Plan,
  type PlanFacts,
  plainPlan,
  prefixed,
  prefixedKernels,
  type Rng,
  scoped,
  sessionWeights,
  sizeOf,
  type WeightSpec,
  type Weights,
} from "./plan";
export { pools } from "./pool";
export {
  type AxisMap,
  composeGeometry,
  type Geometry,
  SAME_PLACE,
  type Triple,
  type VideoShape,
} from "./shape";
