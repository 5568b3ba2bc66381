import { tf } from "../../engine";
import { isOwn, type NamedVariables, type TrainingModule } from "../../protocols/module";
import { type Arrays, arraysOf } from "../checkpoint/checkpoint";
import type { NamedArray } from "../checkpoint/safetensors";
import { gatherDataNow } from "./gather";
import type { ProcessGroup } from "./process-group";

/** The variables that a process has to itself, in the order in which it sends them. */
interface Sent {
  readonly entries: readonly { readonly name: string; readonly shape: number[] }[];
  /** The names of the process's parameters. */
  readonly parameters: readonly string[];
}

/**
 * The number of values that are sent at once: 256 KiB. TensorFlow's collective runtime keeps much of the memory of larger sums outside of a
 * compiled step, about eight times their size for each.
 */
const CHUNK = 2 ** 16;

/**
 * The relation between the variables of this process and the arrays of a checkpoint, which holds the variables of all processes. The arrays
 * do not depend on the number of processes, or on the division of datasets among them.
 */
export class WholeState {
  private readonly own: ReadonlySet<string>;

  /** @param perParameter the names of variables with one number for each parameter */
  constructor(
    private readonly module: TrainingModule,
    private readonly perParameter: ReadonlySet<string>,
    private readonly group?: ProcessGroup,
  ) {
    const all = [...module.parameters, ...(module.state ?? [])];
    this.own = new Set(all.filter((each) => isOwn(module, each)).map(({ name }) => name));
  }

  /** Returns this process's part of an array of a checkpoint. */
  partOf(name: string, array: NamedArray): NamedArray {
    const { module, perParameter } = this;
    const all = module.shard?.parameters;
    if (!all || !perParameter.has(name) || String(array.shape) !== String([all.length])) return array;
    const places = this.places();
    const values = Float32Array.from(
      module.parameters,
      (parameter) => array.values[places.get(parameter.name)!]!,
    );
    return { shape: [values.length], values };
  }

  /**
   * Returns the variables of all processes as arrays of a checkpoint, in rank 0; undefined in the others. If the datasets are divided, all
   * processes must call it, and it waits for them.
   */
  gather(variables: NamedVariables): Arrays | undefined {
    const { group, module } = this;
    if (!group || !module.shard) return group?.rank ? undefined : arraysOf(variables);
    const isSent = (name: string) => this.isOwn(name) || this.perParameter.has(name);
    const sent = new Map([...variables].filter(([name]) => isSent(name)));
    const shared = new Map([...variables].filter(([name]) => !isSent(name)));
    const mine: Sent = {
      entries: [...sent].map(([name, { shape }]) => ({ name, shape })),
      parameters: module.parameters.map(({ name }) => name),
    };
    const ranks = gatherDataNow(group.client, mine) as Sent[];
    const values = this.stream(group, ranks, sent);
    if (!values) return undefined;
    return new Map([...arraysOf(shared), ...this.joined(ranks, values)]);
  }

  /** Returns whether all processes succeeded. If the datasets are divided, all processes must call it. */
  haveAll(succeeded: boolean): boolean {
    const { group, module } = this;
    if (!group || !module.shard) return succeeded;
    return tf.tidy(
      () => group.client.collectives.sum(tf.scalar(Number(!succeeded)), "failures").dataSync()[0] === 0,
    );
  }

  /** Whether a variable, such as the moment of a parameter, belongs to a dataset of this process. */
  private isOwn(name: string): boolean {
    const parts = name.split(".");
    return parts.some((_, i) => this.own.has(parts.slice(i).join(".")));
  }

  /** Returns the place of each parameter in the order of a module that has all datasets. */
  private places(): ReadonlyMap<string, number> {
    return new Map(this.module.shard!.parameters.map(({ name }, i) => [name, i]));
  }

  /** Sends the values of all entries of all ranks to rank 0, chunk by chunk. @returns the values of each entry, in rank 0 */
  private stream(
    group: ProcessGroup,
    ranks: readonly Sent[],
    sent: NamedVariables,
  ): Float32Array[] | undefined {
    const { rank, client } = group;
    const entries = ranks.flatMap(({ entries }, owner) => entries.map((entry) => ({ ...entry, owner })));
    const sizes = entries.map(({ shape }) => shape.reduce((a, b) => a * b, 1));
    const total = sizes.reduce((a, b) => a + b, 0);
    const targets = rank === 0 ? sizes.map((size) => new Float32Array(size)) : undefined;
    for (let start = 0; start < total; start += CHUNK) {
      const chunk = new Float32Array(Math.min(CHUNK, total - start));
      const overlaps = overlapping(sizes, start, start + chunk.length);
      for (const { entry, from, to, at } of overlaps) {
        const { owner, name } = entries[entry]!;
        if (owner === rank) chunk.set(sent.get(name)!.dataSync().subarray(from, to) as Float32Array, at);
      }
      const all = tf.tidy(
        () => client.collectives.sum(tf.tensor1d(chunk), "state").dataSync() as Float32Array,
      );
      for (const { entry, from, to, at } of overlaps)
        targets?.[entry]?.set(all.subarray(at, at + to - from), from);
    }
    return targets;
  }

  /** Returns the arrays of all ranks' entries by name. */
  private joined(ranks: readonly Sent[], values: readonly Float32Array[]): Map<string, NamedArray> {
    const places = this.places();
    const found = new Map<string, NamedArray>();
    let next = 0;
    for (const { entries, parameters } of ranks)
      for (const { name, shape } of entries) {
        const own = values[next++]!;
        if (!this.perParameter.has(name)) {
          found.set(name, { shape, values: own });
          continue;
        }
        const whole = found.get(name) ?? { shape: [places.size], values: new Float32Array(places.size) };
        own.forEach((value, i) => {
          whole.values[places.get(parameters[i]!)!] = value;
        });
        found.set(name, whole);
      }
    return found;
  }
}

/** Returns the parts of consecutive arrays that lie between two positions, and their places relative to the first one. */
function overlapping(sizes: readonly number[], start: number, end: number) {
  let first = 0;
  return sizes.flatMap((size, entry) => {
    const [from, to] = [Math.max(0, start - first), Math.min(size, end - first)];
    const at = first + from - start;
    first += size;
    return from < to ? [{ entry, from, to, at }] : [];
  });
}
