import { compile, tf } from "../engine";
import type { Batch, TracedBatch, TrainingModule } from "./module";
import type { Step, Stepped } from "./step";
import { toTensors } from "./to-tensors";

/** So many batches in a row that could not be used end a run. */
const IN_A_ROW = 10;

/** How many of the values of each tensor are not finite. */
interface Counts {
  weights: tf.Tensor1D;
  gradients: tf.Tensor1D;
}

/** Batches whose loss or gradients are not finite: skipped, counted, explained, and in a row the end of the run. */
export class Bad {
  private inARow = 0;
  private total = 0;

  constructor(
    private readonly module: TrainingModule,
    readonly step: Step,
  ) {}

  /** @returns what to say, when there is something to say */
  async look(result: Stepped, batch: Batch): Promise<{ message: string; diverged: boolean } | undefined> {
    const sessions = this.sessionsOf(result);
    if (Number.isFinite(result.loss) && result.finite && sessions.length === 0) {
      this.inARow = 0;
      return undefined;
    }
    this.inARow++;
    this.total++;
    const diverged = this.inARow >= IN_A_ROW;
    // The first of a series and its end are said; the rest is counted.
    if (this.inARow > 1 && !diverged) return undefined;
    const where = [...sessions.map((name) => `the loss of ${name}`), ...(await this.layers(batch))];
    const what = where.length > 0 ? where.join(", ") : "the loss";
    const message = diverged
      ? `diverged: ${IN_A_ROW} batches in a row could not be used, since this is not finite: ${what}; the last good checkpoint stays`
      : `a batch was skipped, since this is not finite: ${what} (${this.total} so far)`;
    return { message, diverged };
  }

  private sessionsOf({ datasetLoss }: Stepped): string[] {
    return datasetLoss.flatMap((loss, i) =>
      Number.isFinite(loss) ? [] : [this.module.datasets?.[i] ?? `dataset ${i}`],
    );
  }

  /** Weights that are not finite; where all are, the first gradient that is not. */
  private async layers(batch: Batch): Promise<string[]> {
    const { parameters } = this.module;
    const variables = parameters.map(({ variable }) => variable);
    const look = compile(
      (traced: TracedBatch): Counts => {
        const { grads } = tf.variableGrads(() => this.module.loss(traced).loss, variables);
        const bad = (each: tf.Tensor) => tf.sum(tf.cast(tf.logicalNot(tf.isFinite(each)), "float32"));
        return {
          weights: tf.stack(variables.map(bad)) as tf.Tensor1D,
          gradients: tf.stack(variables.map(({ name }) => bad(grads[name]!))) as tf.Tensor1D,
        };
      },
      { name: "search for what is not finite" },
    );
    const { tensors, made } = toTensors(batch);
    try {
      const counts = await look(tensors);
      const [weights, gradients] = [counts.weights.dataSync(), counts.gradients.dataSync()];
      tf.dispose([counts.weights, counts.gradients]);
      const broken = parameters.flatMap(({ name }, i) => (weights[i]! > 0 ? [`the weight ${name}`] : []));
      if (broken.length > 0) return broken;
      const first = parameters.findIndex((_, i) => gradients[i]! > 0);
      return first < 0 ? [] : [`the gradient of ${parameters[first]!.name}`];
    } finally {
      tf.dispose(made);
      look.dispose();
    }
  }

  state(): { inARow: number; total: number } {
    return { inARow: this.inARow, total: this.total };
  }

  restore({ inARow, total }: { inARow: number; total: number }): void {
    [this.inARow, this.total] = [inARow, total];
  }
}
