export { Adam, type AdamOptions, AdamW, type AdamWOptions } from "./adam";
export { CLIP_ALGORITHMS, type ClipAlgorithm, type ClipOptions } from "./clip";
export {
  type CheckedOptimizer,
  type CommonOptimizerOptions,
  isPortable,
  makeOptimizer,
  type OptimizerName,
  type OptimizerOptions,
  optimizers,
  parseOptimizer,
} from "./config";
export { Muon, type MuonOptions } from "./muon";
export {
  type Constraint,
  type Optimized,
  type OptimizerInputs,
  type OptimizerReport,
  type OptimizerVariable,
  StepOptimizer,
  type StepOptions,
} from "./optimizer";
export {
  defineOptimizer,
  type Optimizer,
  type OptimizerFactory,
  type OptimizerStep,
  type OwnVariable,
} from "./own";
export { Lion, type LionOptions, SGD, type SGDOptions } from "./sgd";
