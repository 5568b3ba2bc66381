import type { TrainingModule } from "../../protocols/module";
import type { Optimized } from "../optim";

/** A module's parameters with what they leave open filled in. */
export function parametersOf({ parameters }: Pick<TrainingModule, "parameters">): Optimized[] {
  return parameters.map((parameter) => ({
    group: "head",
    decay: parameter.variable.rank > 1,
    ...parameter,
  }));
}
