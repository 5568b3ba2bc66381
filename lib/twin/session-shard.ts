import { ConfigError } from "../base/config";
import { joined } from "../data/ops";
import { type MultiDatasetDM, requireAlike } from "../data/serving/multi-dataset";
import { type Division, sessionsOf } from "../data/serving/sharded-order";
import { tf } from "../engine";
import type { Model } from "../model";
import { planModel } from "../model/plan";
import type { TrainingLoss } from "../protocols/module";
import type { Shard, ShardedParameter } from "../protocols/shard";
import type { MetricUnits } from "./objective";
import { countsOf, factsOf, modelInput, resolvedConfig, type SessionFacts } from "./session-facts";

/** The facts about all sessions, which are known when the processes have exchanged them. */
interface Whole {
  readonly parameters: readonly ShardedParameter[];
  readonly config: Readonly<Record<string, unknown>>;
  readonly units: readonly number[];
}

/** The sessions of this process among those of a training whose sessions are divided among processes. */
export class SessionShard implements Shard {
  /** The number of each of this process's sessions among all sessions. */
  private readonly numbers: readonly number[];
  private whole: Whole | undefined;

  /**
   * @param names the names of all sessions
   * @param where the model's file, for errors
   */
  constructor(
    private readonly model: Model,
    private readonly data: MultiDatasetDM,
    private readonly division: Division,
    readonly names: readonly string[],
    private readonly where: string,
  ) {
    this.numbers = sessionsOf(division, division.rank);
  }

  get facts(): SessionFacts[] {
    const { sessions, counts } = this.data;
    return sessions.map((session, i) => factsOf(session, counts[i]!));
  }

  connect(parts: readonly unknown[]): void {
    const { data, division, model, where } = this;
    const all = this.inOrder(parts as readonly SessionFacts[][]);
    requireAlike(all);
    data.divide(all.map(countsOf), division);
    const [first] = data.sessions;
    const input = modelInput(first!, all);
    const plan = planModel(model.config, input, where);
    const parameters = plan.weights.filter((weight) => model.trains(weight));
    this.requireOneShape(parameters);
    this.whole = {
      parameters: parameters.map(({ name, shape }) => ({ name, shape })),
      config: resolvedConfig(model.config, input, first!, all),
      units: all.map(({ units }) => units),
    };
  }

  get parameters(): readonly ShardedParameter[] {
    return this.connected.parameters;
  }

  /** The resolved configuration with all sessions; undefined before the processes have exchanged their facts. */
  get config(): Readonly<Record<string, unknown>> | undefined {
    return this.whole?.config;
  }

  /** The units of all sessions, in the order of `joinSums`: by ranks, then by sessions. */
  get metricUnits(): MetricUnits {
    const { units } = this.connected;
    const order = this.ranks.flat();
    const unitDataset = order.flatMap((session) => Array<number>(units[session]!).fill(session));
    return { unitDataset: Int32Array.from(unitDataset), sessions: this.names };
  }

  joinSums(parts: readonly Float64Array[]): Float64Array {
    const { units } = this.connected;
    const widths = this.ranks.map((sessions) => sessions.reduce((sum, session) => sum + units[session]!, 0));
    const rows = parts[0]!.length / widths[0]!;
    const row = (r: number) => parts.map((part, p) => part.subarray(r * widths[p]!, (r + 1) * widths[p]!));
    return joined(Float64Array, Array.from({ length: rows }, (_, r) => row(r)).flat());
  }

  /** Returns a loss of this process's sessions with `present`, `datasetLoss` and `weight` for all sessions. Traced. */
  spread({ present, datasetLoss, weight, ...rest }: TrainingLoss): TrainingLoss {
    const { names, numbers } = this;
    const places = names.map((_, session) => numbers.indexOf(session));
    const index = tf.tensor1d(
      places.map((place) => (place < 0 ? numbers.length : place)),
      "int32",
    );
    const ofAll = (values: tf.Tensor1D) =>
      tf.gather(tf.concat1d([values, tf.zeros([1])]), index) as tf.Tensor1D;
    return {
      ...rest,
      ...(present ? { present: ofAll(present) } : {}),
      ...(datasetLoss ? { datasetLoss: ofAll(datasetLoss) } : {}),
      ...(weight ? { weight: ofAll(weight) } : {}),
    };
  }

  /** The sessions of each rank. */
  private get ranks(): number[][] {
    return Array.from({ length: this.division.worldSize }, (_, rank) => sessionsOf(this.division, rank));
  }

  private get connected(): Whole {
    if (this.whole) return this.whole;
    const message = `has ${this.numbers.length} of ${this.names.length} sessions, because of \`shard: "sessions"\`; load it without \`shard\` to use it outside of a fit`;
    throw new ConfigError("the experiment", [{ path: "shard", message }]);
  }

  /** Returns the facts in the order of sessions. @throws ConfigError when the processes divided the sessions differently */
  private inOrder(parts: readonly (readonly SessionFacts[])[]): SessionFacts[] {
    const all: SessionFacts[] = [];
    for (const [rank, sessions] of this.ranks.entries()) {
      const [is, must] = [
        parts[rank]!.map(({ name }) => name),
        sessions.map((session) => this.names[session]!),
      ];
      if (String(is) !== String(must)) {
        const message = `rank ${rank} has ${is.join(", ")}, but by the recordings of rank ${this.division.rank} it should have ${must.join(", ")}; give all processes the same recordings`;
        throw new ConfigError("loadExperiment", [{ path: "shard", message }]);
      }
      sessions.forEach((session, i) => {
        all[session] = parts[rank]![i]!;
      });
    }
    return all;
  }

  /** Checks that this process's parameters have the shapes that they have in a model of all sessions. @throws ConfigError */
  private requireOneShape(all: readonly ShardedParameter[]): void {
    const shapes = new Map(all.map(({ name, shape }) => [name, shape]));
    const problems = this.model.parameters.flatMap(({ name, variable }) => {
      const [own, must] = [variable.shape, shapes.get(name)];
      if (String(own) === String(must)) return [];
      const message = `has shape [${own}] for the sessions of rank ${this.division.rank}, but [${must}] for all sessions, which share it; leave \`shard\` out`;
      return [{ path: name, message }];
    });
    if (problems.length > 0) throw new ConfigError(this.where, problems);
  }
}
