import { compile, tf } from "../../engine";
import type { Batch, TracedBatch, TrainingModule } from "../../protocols/module";
import type { NonFiniteState } from "../checkpoint/state";
import type { ProcessGroup } from "../distributed/process-group";
import { gradientsOf } from "./gradients";
import type { Rates, StepResult, TrainingStep } from "./step";
import { toTensors } from "./to-tensors";

interface SearchInputs {
  batch: TracedBatch;
  lambdas: tf.Scalar[];
  number: tf.Scalar;
}

/** The number of non-finite values of each parameter, `[P]`. */
interface Counts {
  weights: tf.Tensor1D;
  gradients: tf.Tensor1D;
}

/** The names of parameters with non-finite values. */
interface NonFinite {
  readonly weights: readonly string[];
  readonly gradients: readonly string[];
}

/** A batch, its number and its rates, as passed to `TrainingStep.train`. */
interface Used {
  readonly batch: Batch;
  readonly rates: Rates;
  readonly number: number;
}

/**
 * Finds the non-finite weights or, if all weights are finite, the first non-finite gradient. The gradients are those of
 * the training step, with the same random numbers, penalties and precision. It changes no variable.
 *
 * @param group the processes that train together, which must all call it. Default: only this one
 * @returns descriptions with the names, over all processes; empty when all values are finite
 */
export async function findNonFinite(
  module: TrainingModule,
  step: TrainingStep,
  used: Used,
  group?: Pick<ProcessGroup, "exchange">,
): Promise<string[]> {
  const own = await searchNonFinite(module, step, used);
  const all = group ? ((await group.exchange(own)) as NonFinite[]) : [own];
  const weights = new Set(all.flatMap((each) => each.weights));
  if (weights.size > 0) return [...weights].map((name) => `the weight ${name}`);
  const [first] = all.flatMap(({ gradients }) => gradients);
  return first === undefined ? [] : [`the gradient of ${first}`];
}

/** Finds the non-finite weights and gradients of this process. */
async function searchNonFinite(
  module: TrainingModule,
  step: TrainingStep,
  { batch, rates, number }: Used,
): Promise<NonFinite> {
  const search = compile((inputs: SearchInputs) => count(module, step, inputs), {
    ...step.compiling,
    name: "search for non-finite values",
  });
  const { tensors, made } = toTensors(batch);
  try {
    const counts = await search({ batch: tensors, lambdas: [...rates.lambdas], number });
    const [weights, gradients] = [counts.weights.dataSync(), counts.gradients.dataSync()];
    tf.dispose([counts.weights, counts.gradients]);
    const names = (found: ArrayLike<number>) =>
      module.parameters.flatMap(({ name }, i) => (found[i]! > 0 ? [name] : []));
    return { weights: names(weights), gradients: names(gradients) };
  } finally {
    tf.dispose(made);
    search.dispose();
  }
}

/** Counts the non-finite values of weights and gradients. Traced. */
function count(module: TrainingModule, step: TrainingStep, { batch, lambdas, number }: SearchInputs): Counts {
  const { parameters, regularization } = module;
  const penalty = regularization && (() => regularization.penalty(lambdas));
  const gradients = gradientsOf(module, batch, step.drawsOf(number), penalty);
  const notFinite = (each: tf.Tensor) => tf.sum(tf.cast(tf.logicalNot(tf.isFinite(each)), "float32"));
  return {
    weights: tf.stack(parameters.map(({ variable }) => notFinite(variable))) as tf.Tensor1D,
    gradients: tf.stack(gradients.map(notFinite)) as tf.Tensor1D,
  };
}

/** The number of consecutive unusable batches that ends a run. */
const IN_A_ROW = 10;

/**
 * Handles batches whose loss or gradients are not finite: it counts and explains skipped batches, and ends the run
 * after `IN_A_ROW` consecutive ones. The run also ends when the loss of one session is not finite in that many
 * consecutive batches with this session, whatever the other sessions' losses are. A session that is not finite only
 * occasionally is left out of those batches.
 */
export class NonFiniteGuard {
  private inARow = 0;
  private total = 0;
  private readonly datasets = new Map<string, number>();

  constructor(
    private readonly module: TrainingModule,
    readonly step: TrainingStep,
    private readonly group?: ProcessGroup,
  ) {}

  /**
   * Counts the result of a batch, which is the same in all processes.
   *
   * @returns a message, when there is something to report
   */
  async look(result: StepResult, used: Used): Promise<{ message: string; diverged: boolean } | undefined> {
    const sessions = this.sessionsOf(result);
    const series = sessions.map((name) => this.datasets.get(name)!);
    const unused = !Number.isFinite(result.loss) || !result.finite;
    this.inARow = unused ? this.inARow + 1 : 0;
    if (!unused && sessions.length === 0) return undefined;
    this.total++;
    const lost = sessions.filter((_, i) => series[i]! >= IN_A_ROW);
    const diverged = this.inARow >= IN_A_ROW || lost.length > 0;
    // The first batch of a series and its end are reported; the others are only counted.
    if (!diverged && !(unused && this.inARow === 1) && !series.includes(1)) return undefined;
    const where = [
      ...sessions.map((name) => `the loss of ${name}`),
      ...(await findNonFinite(this.module, this.step, used, this.group)),
    ];
    const what = where.length > 0 ? where.join(", ") : "the loss";
    const whose = this.inARow < IN_A_ROW ? ` that have ${lost.join(", ")}` : "";
    const skipped = unused ? "a batch was skipped" : `${sessions.join(", ")} was left out of a batch`;
    const message = diverged
      ? `diverged: ${IN_A_ROW} batches in a row${whose} could not be used, because this is not finite: ${what}; the last good checkpoint is kept`
      : `${skipped}, because this is not finite: ${what} (${this.total} so far)`;
    return { message, diverged };
  }

  /** Returns the sessions whose loss is not finite. Counts of sessions that are not in the batch do not change. */
  private sessionsOf({ datasetLoss }: StepResult): string[] {
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

  state(): NonFiniteState {
    return { inARow: this.inARow, total: this.total, datasets: Object.fromEntries(this.datasets) };
  }

  restore({
    inARow,
    total,
    datasets = {},
  }: Omit<NonFiniteState, "datasets"> & Partial<NonFiniteState>): void {
    [this.inARow, this.total] = [inARow, total];
    for (const [name, count] of Object.entries(datasets)) this.datasets.set(name, count);
  }
}
