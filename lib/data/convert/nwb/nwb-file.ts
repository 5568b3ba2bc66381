import { ConfigError } from "../../../base/config";
import { medianStep } from "../../ops";
import { childPath, isNumeric, type NwbObject, type NwbSource, type NwbValues } from "./source";

/** Numbers of an NWB file in row-major order. */
export interface Numbers {
  readonly shape: readonly number[];
  readonly values: ArrayLike<number>;
}

/** The start time of each sample of a series in seconds, and the usual interval between samples. */
export interface Clock {
  readonly starts: Float64Array;
  readonly period: number;
}

/**
 * An open NWB file, whose paths may contain links. It records the objects that are read, so that the others can be listed. Invalid
 * contents throw an error that names the file and the path in it.
 */
export class NwbFile {
  private readonly used = new Set<string>();
  private readonly names = new Map<string, string[]>();

  constructor(
    readonly path: string,
    private readonly source: NwbSource,
  ) {
    for (const at of [...source.objects.keys(), ...source.links.keys()]) {
      if (at === "") continue;
      const cut = at.lastIndexOf("/");
      const group = at.slice(0, Math.max(0, cut));
      const names = this.names.get(group) ?? [];
      names.push(at.slice(cut + 1));
      this.names.set(group, names);
    }
  }

  fail(at: string, message: string): ConfigError {
    return new ConfigError(this.path, [{ path: at, message }]);
  }

  /** Returns an object, also through links; undefined if there is none. */
  get(at: string): NwbObject | undefined {
    return this.source.objects.get(this.resolve(at));
  }

  /**
   * Returns the shape and type of an array; undefined if there is none. Vectors have one axis: MATLAB writes them as matrices of one row or
   * column.
   */
  array(at: string): NwbObject["array"] {
    const array = this.get(at)?.array;
    return array && isMatrixOfOne(array.shape) ? { ...array, shape: [Math.max(...array.shape)] } : array;
  }

  /** Returns the names in a group in alphabetical order. */
  keys(group: string): string[] {
    return [...(this.names.get(this.resolve(group)) ?? [])].sort();
  }

  /** Returns the paths of all groups below a group, without those behind links. */
  groupsBelow(group: string): string[] {
    return this.keys(group).flatMap((name) => {
      const at = childPath(group, name);
      const object = this.source.objects.get(at);
      return object && !object.array ? [at, ...this.groupsBelow(at)] : [];
    });
  }

  /** Returns the neurodata type of an object, such as `ImageSeries`; empty if it has none. */
  typeOf(at: string): string {
    return String(this.get(at)?.attributes.neurodata_type ?? "");
  }

  /** Returns the factor and the offset that convert the values of a series to its unit; 1 and 0 if it states none. */
  scaleOf(values: string): { factor: number; offset: number } {
    const { conversion = 1, offset = 0 } = this.get(values)?.attributes ?? {};
    return { factor: Number(conversion), offset: Number(offset) };
  }

  /** Returns the path behind all links. */
  resolve(at: string): string {
    let path = at;
    for (let turn = 0; turn < 16; turn++) {
      const next = this.step(path);
      if (next === path) return path;
      path = next;
    }
    throw this.fail(at, "is a link that leads back to itself");
  }

  /** Replaces the first link in a path by its target. */
  private step(path: string): string {
    for (let end = path.indexOf("/"); ; end = path.indexOf("/", end + 1)) {
      const part = end < 0 ? path : path.slice(0, end);
      const target = this.source.links.get(part);
      if (target !== undefined) return target + path.slice(part.length);
      if (end < 0) return path;
    }
  }

  /** Whether an object, or one below it, was read. */
  isUsed(at: string): boolean {
    return [...this.used].some((path) => path === at || path.startsWith(`${at}/`));
  }

  /** Marks an object as used, though its values were not read. */
  use(at: string): void {
    this.used.add(this.resolve(at));
  }

  /**
   * Reads numbers, or those of some rows.
   *
   * @param expected a description of the expected data, for the error
   * @throws ConfigError when there are no numbers
   */
  async numbers(at: string, expected: string, from?: number, to?: number): Promise<Numbers> {
    const array = this.array(at);
    if (!array) throw this.fail(at, `is missing: ${expected}`);
    if (!isNumeric(array.type)) throw this.fail(at, `is not numeric: ${expected}`);
    if (to !== undefined && !(from! >= 0 && to <= (array.shape[0] ?? 0)))
      throw this.fail(at, `has ${array.shape[0] ?? 0} rows, but row ${to - 1} is needed`);
    this.use(at);
    const values = (await this.read(at, from, to)) as ArrayLike<number>;
    const shape = from === undefined ? array.shape : [to! - from, ...array.shape.slice(1)];
    return { shape, values };
  }

  private async read(at: string, from?: number, to?: number): Promise<NwbValues> {
    const path = this.resolve(at);
    const shape = this.source.objects.get(path)!.array!.shape;
    if (from === undefined || !isMatrixOfOne(shape)) return this.source.read(path, from, to);
    return Array.from((await this.source.read(path)) as ArrayLike<number>).slice(from, to);
  }

  /** Reads texts, or the paths that references point to; undefined if the array is missing or has another type. */
  async texts(at: string): Promise<readonly string[] | undefined> {
    const array = this.array(at);
    if (!array || !["text", "reference"].includes(array.type)) return undefined;
    this.use(at);
    return (await this.source.read(this.resolve(at))) as readonly string[];
  }

  /**
   * Reads the clock of a series.
   *
   * @param samples the number of samples of the series
   * @throws ConfigError when the clock is missing or does not match
   */
  async clockOf(series: string, samples: number): Promise<Clock> {
    if (this.array(`${series}/timestamps`)) return this.stamps(`${series}/timestamps`, samples);
    const first = this.get(`${series}/starting_time`);
    const rate = Number(first?.attributes.rate);
    if (!(rate > 0)) throw this.fail(series, "has neither timestamps nor a starting_time with a rate");
    const from = (await this.numbers(`${series}/starting_time`, "the first sample's time in seconds"))
      .values[0]!;
    return { starts: Float64Array.from({ length: samples }, (_, t) => from + t / rate), period: 1 / rate };
  }

  private async stamps(at: string, samples: number): Promise<Clock> {
    const starts = Float64Array.from((await this.numbers(at, "a time in seconds for each sample")).values);
    if (starts.length !== samples)
      throw this.fail(at, `are ${starts.length}, but there are ${samples} frames`);
    const bad = starts.findIndex((t, i) => !Number.isFinite(t) || (i > 0 && !(t > starts[i - 1]!)));
    if (bad >= 0)
      throw this.fail(
        at,
        `are ${starts[bad]} at frame ${bad}${bad > 0 ? `, after ${starts[bad - 1]}` : ""}; times must be finite and increase`,
      );
    return { starts, period: medianStep(starts) };
  }
}

/** Whether a shape is that of one row or one column. */
const isMatrixOfOne = (shape: readonly number[]) => shape.length === 2 && shape.includes(1);

/** Returns a time or another number with few digits, for people. */
export const rounded = (value: number): number => Number(value.toPrecision(6));
