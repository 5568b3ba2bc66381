import { tf, valuesOf } from "../../engine";
import { isOwn, type NamedVariables, type TrainingModule } from "../../protocols/module";
import { type Arrays, arraysOf } from "../checkpoint/checkpoint";
import type { NamedArray } from "../checkpoint/safetensors";
import { gatherDataNow, sumNow } from "./gather";
import type { ProcessGroup } from "./process-group";

/** The variables that a process has to itself, in the order in which it sends them. */
interface Sent {
  readonly entries: readonly { readonly name: string; readonly shape: number[] }[];
  /** The names of the process's parameters. */
  readonly parameters: readonly string[];
}

/** The number of values that are sent at once (1 MiB), which limits the memory for a copy of the weights of all processes. */
const CHUNK = 2 ** 18;

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
    const [failures] = sumNow(group.client, Int32Array.of(Number(!succeeded)), "failures");
    return failures === 0;
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

  /** Sends the values of the other ranks' entries to rank 0, chunk by chunk. @returns the values of each entry of all ranks, in rank 0 */
  private stream(
    { rank, client }: ProcessGroup,
    ranks: readonly Sent[],
    sent: NamedVariables,
  ): Float32Array[] | undefined {
    const entries = ranks.flatMap(({ entries }, owner) => entries.map((entry) => ({ ...entry, owner })));
    const sizeOf = ({ shape }: { shape: number[] }) => shape.reduce((a, b) => a * b, 1);
    const values =
      rank === 0
        ? entries.map((entry) =>
            entry.owner === 0
              ? (sent.get(entry.name)!.dataSync() as Float32Array)
              : new Float32Array(sizeOf(entry)),
          )
        : undefined;
    const remote = entries.flatMap((entry, e) =>
      entry.owner === 0 ? [] : [{ ...entry, target: values?.[e] }],
    );
    const sizes = remote.map(sizeOf);
    const total = sizes.reduce((a, b) => a + b, 0);
    const buffer = new Float32Array(Math.min(CHUNK, total));
    for (let start = 0; start < total; start += CHUNK) {
      const chunk = buffer.subarray(0, Math.min(CHUNK, total - start)).fill(0);
      const overlaps = overlapping(sizes, start, start + chunk.length);
      for (const { entry, from, to, at } of overlaps) {
        const { owner, name } = remote[entry]!;
        if (owner !== rank) continue;
        chunk.set(
          valuesOf(() => tf.slice(tf.reshape(sent.get(name)!, [-1]), from, to - from)),
          at,
        );
      }
      const all = sumNow(client, chunk, "state");
      for (const { entry, from, to, at } of overlaps)
        remote[entry]!.target?.set(all.subarray(at, at + to - from), from);
    }
    return values;
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
