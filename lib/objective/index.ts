export { type DatasetLosses, meanOverDatasets } from "./datasets";
export { type PoissonInputs, poissonLoss } from "./poisson";
export { zeroInflatedPoissonLoss } from "./zero-inflated";
