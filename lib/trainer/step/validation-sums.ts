import { type Compiled, type CompileOptions, compile, tf } from "../../engine";
import { type Measure, meanMeasure } from "../../metrics/measure";
import type { Metrics } from "../../protocols/events";
import type { Batch, Batches, TracedBatch, TrainingModule } from "../../protocols/module";
import type { ProcessGroup } from "../distributed/process-group";
import { lossOf } from "./loss";
import { toTensors } from "./to-tensors";

/** Computes a metric's score from the numbers of all batches. */
export interface Scoring extends Pick<Measure, "value"> {
  readonly name: string;
}

/** The functions that compute the scores of metrics, in their order. */
export function scoringsOf(measures: Readonly<Record<string, Measure>>): Scoring[] {
  return Object.entries(measures).map(([name, { value }]) => ({ name, value }));
}

/** Collects the numbers of batches, from which scores are computed. */
interface Tally {
  /** Prepares for batches with these metrics and numbers. */
  expect(scorings: readonly Scoring[], numbers: readonly Float32Array[]): void;
  add(numbers: readonly Float32Array[]): void;
  /** Returns the scores over all batches of all processes. */
  metrics(prefix: string, group?: ProcessGroup): Promise<Metrics>;
}

/** The numbers of every batch, kept until the scores are computed. */
export class Scores implements Tally {
  private scorings: readonly Scoring[] = [];
  private readonly batches: (readonly Float32Array[])[] = [];

  expect(scorings: readonly Scoring[]): void {
    this.scorings = scorings;
  }

  add(numbers: readonly Float32Array[]): void {
    this.batches.push(numbers);
  }

  /** Returns the scores over the batches of this process. */
  values(prefix: string, batches = this.batches): Record<string, number> {
    const score = ({ name, value }: Scoring, i: number) =>
      [`${prefix}${name}`, value(batches.map((numbers) => numbers[i]!))] as const;
    return Object.fromEntries(this.scorings.map(score));
  }

  async metrics(prefix: string, group?: ProcessGroup): Promise<Metrics> {
    if (!group || this.scorings.length === 0) return this.values(prefix);
    const flat = this.batches.flatMap((numbers) => numbers.flatMap((own) => [own.length, ...own]));
    const all = await group.gather(Float32Array.from(flat));
    return this.values(prefix, unpacked(all, this.scorings.length));
  }
}

/** Splits rows of numbers, each preceded by its length, into batches. */
function unpacked(flat: Float32Array, rowsOfBatch: number): Float32Array[][] {
  const batches: Float32Array[][] = [];
  for (let at = 0; at < flat.length; ) {
    const rows: Float32Array[] = [];
    while (rows.length < rowsOfBatch) {
      const end = at + 1 + flat[at]!;
      rows.push(flat.subarray(at + 1, end));
      at = end;
    }
    batches.push(rows);
  }
  return batches;
}

/** Adds up the sums of a module that defines `validationSums`. */
class OwnSums implements Tally {
  private sums = new Float64Array(0);

  constructor(private readonly module: Pick<TrainingModule, "validationMetrics" | "shard">) {}

  expect(_: readonly Scoring[], [sums]: readonly Float32Array[]): void {
    if (this.sums.length === 0) this.sums = new Float64Array(sums!.length);
  }

  add([sums]: readonly Float32Array[]): void {
    for (let i = 0; i < sums!.length; i++) this.sums[i]! += sums![i]!;
  }

  async metrics(_prefix: string, group?: ProcessGroup): Promise<Metrics> {
    return this.module.validationMetrics?.(group ? await this.total(group) : this.sums) ?? {};
  }

  private async total(group: ProcessGroup): Promise<Float64Array> {
    const { shard } = this.module;
    return shard ? shard.joinSums(await group.gatherDoubles(this.sums)) : group.addUp(this.sums);
  }
}

/** Scores a module on batches: by its `validationSums`, or else by its loss and metrics over all samples. */
export class ValidationSums {
  private readonly step: Compiled<[TracedBatch], tf.Tensor[]>;
  private scorings: readonly Scoring[] = [];

  constructor(
    private readonly module: TrainingModule,
    how: CompileOptions,
    private readonly group?: ProcessGroup,
  ) {
    this.step = compile(
      (batch: TracedBatch) => (module.validationSums ? [module.validationSums(batch)] : this.numbers(batch)),
      { ...how, name: "validation step" },
    );
  }

  /**
   * Scores the module on all batches. Several processes take batches in turn, and every sample counts once. A process that has some of
   * the datasets takes all of its batches.
   *
   * @param limit the largest number of batches
   * @param ending called after each batch; if it returns true, the result is undefined
   */
  async of(
    batches: Batches,
    limit = Number.POSITIVE_INFINITY,
    ending = () => false,
  ): Promise<Metrics | undefined> {
    const { group, module } = this;
    const { rank = 0, worldSize = 1 } = (!module.shard && group) || {};
    const tally = module.validationSums ? new OwnSums(module) : new Scores();
    let number = 0;
    for await (const batch of batches) {
      if (ending()) return undefined;
      if (number >= limit) break;
      const own = number % worldSize === rank;
      // Every process computes the first batch, because it shows how many numbers there are.
      if (own || number === 0) {
        const numbers = await this.numbersOf(batch);
        tally.expect(this.scorings, numbers);
        if (own) tally.add(numbers);
        group?.client.moved(0, "working");
      }
      number++;
    }
    return tally.metrics("val_", group);
  }

  private async numbersOf(batch: Batch): Promise<Float32Array[]> {
    const { tensors, made } = toTensors(batch);
    const found = await this.step(tensors);
    const numbers = found.map((each) => each.dataSync() as Float32Array);
    tf.dispose([found, made]);
    return numbers;
  }

  /** Returns the numbers of the loss and of each metric. Traced. */
  private numbers(batch: TracedBatch): tf.Tensor[] {
    const { loss, samples, metrics } = lossOf(this.module, batch);
    const all = { loss: meanMeasure(loss, samples), ...metrics };
    this.scorings = scoringsOf(all);
    return Object.values(all).map(({ numbers }) => numbers);
  }

  dispose(): void {
    this.step.dispose();
  }
}
