import { tf } from "../../engine";
import type { TrainingModule } from "../../protocols/module";
import { variablesOf } from "../run";

/** A module's weights and state at one moment, kept outside of the device. */
export class Snapshot {
  private readonly values: readonly { variable: tf.Variable; values: Float32Array }[];

  constructor(module: TrainingModule) {
    this.values = [...variablesOf(module).values()].map((variable) => ({
      variable,
      values: Float32Array.from(variable.dataSync()),
    }));
  }

  restore(): void {
    tf.tidy(() => {
      for (const { variable, values } of this.values) variable.assign(tf.tensor(values, variable.shape));
    });
  }
}
