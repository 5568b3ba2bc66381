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

/** What stands in a checkpoint. */
export interface BadState {
  /** The last batches that could not be used, and all. */
  inARow: number;
  total: number;
  /** How often each dataset's loss was not finite in a row, of the batches that have it; absent where it never was. */
  datasets: Readonly<Record<string, number>>;
}

/**
 * Batches whose loss or gradients are not finite: skipped, counted, explained, and in a row the end of the run. So is a session whose
 * loss is not finite in so many batches in a row that have it, whatever the others do; one that breaks only now and then
 * is left out of those batches.
 */
export class Bad {
  private inARow = 0;
  private total = 0;
  private readonly datasets = new Map<string, number>();

  constructor(
    private readonly module: TrainingModule,
    readonly step: Step,
  ) {}

  /** @returns what to say, when there is something to say */
  async look(result: Stepped, batch: Batch): Promise<{ message: string; diverged: boolean } | undefined> {
    const sessions = this.sessionsOf(result);
    const series = sessions.map((name) => this.datasets.get(name)!);
    const unused = !Number.isFinite(result.loss) || !result.finite;
    this.inARow = unused ? this.inARow + 1 : 0;
    if (!unused && sessions.length === 0) return undefined;
    this.total++;
    const lost = sessions.filter((_, i) => series[i]! >= IN_A_ROW);
    const diverged = this.inARow >= IN_A_ROW || lost.length > 0;
    // The first of a series and its end are said; the rest is counted.
    if (!diverged && !(unused && this.inARow === 1) && !series.includes(1)) return undefined;
    const where = [...sessions.map((name) => `the loss of ${name}`), ...(await this.layers(batch))];
    const what = where.length > 0 ? where.join(", ") : "the loss";
    const whose = this.inARow < IN_A_ROW ? ` that have ${lost.join(", ")}` : "";
    const skipped = unused ? "a batch was skipped" : `${sessions.join(", ")} was left out of a batch`;
    const message = diverged
      ? `diverged: ${IN_A_ROW} batches in a row${whose} could not be used, since this is not finite: ${what}; the last good checkpoint stays`
      : `${skipped}, since this is not finite: ${what} (${this.total} so far)`;
    return { message, diverged };
  }

  /** Those whose loss is not finite; those that are not in the batch stay as they were. */
  private sessionsOf({ datasetLoss }: Stepped): string[] {
    return datasetLoss.flatMap((loss, i) => {
      const name = this.module.datasets?.[i] ?? `dataset ${i}`;
      if (loss === undefined) return [];
      if (Number.isFinite(loss)) {
        this.datasets.delete(name);
        return [];
      }
      this.datasets.set(name, (this.datasets.get(name) ?? 0) + 1);
      return [name];
    });
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

  state(): BadState {
    return { inARow: this.inARow, total: this.total, datasets: Object.fromEntries(this.datasets) };
  }

  restore({ inARow, total, datasets = {} }: Omit<BadState, "datasets"> & Partial<BadState>): void {
    [this.inARow, this.total] = [inARow, total];
    for (const [name, count] of Object.entries(datasets)) this.datasets.set(name, count);
  }
}
