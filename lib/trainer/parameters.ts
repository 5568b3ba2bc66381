import type { Optimized } from "../optim";
import type { TrainingModule } from "./module";

/** A module's parameters with what they leave open filled in. */
export function parametersOf({ parameters }: Pick<TrainingModule, "parameters">): Optimized[] {
  return parameters.map((parameter) => ({
    group: "head",
    decay: parameter.variable.rank > 1,
    ...parameter,
  }));
}
