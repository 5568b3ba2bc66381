import type { File, Group } from "h5wasm/node";
import { ConfigError } from "../../base/config";
import { getArray } from "../hdf5";

/** The start time of each sample of a series in seconds, and the usual interval between samples. */
export interface Clock {
  starts: Float64Array;
  period: number;
}

/** An open NWB file. Invalid contents throw an error that names the file and the path in it. */
export class NwbFile {
  constructor(
    readonly path: string,
    private readonly file: File,
  ) {}

  fail(at: string, message: string): ConfigError {
    return new ConfigError(this.path, [{ path: at, message }]);
  }

  keys(group: string): string[] {
    return (this.file.get(group) as Group | null)?.keys() ?? [];
  }

  find(at: string): ReturnType<typeof getArray> {
    return getArray(this.file, at);
  }

  /** Reads numbers. @param what a description of the expected data @throws ConfigError when there are no numbers */
  numbers(at: string, what: string): NonNullable<ReturnType<typeof getArray>> {
    const found = this.find(at);
    if (!found) throw this.fail(at, `is missing or not numeric: ${what}`);
    return found;
  }

  /**
   * Reads the clock of a series.
   *
   * @param samples the number of samples of the series
   * @throws ConfigError when the clock is missing or does not match
   */
  clockOf(series: string, samples: number): Clock {
    const stamps = this.find(`${series}/timestamps`);
    if (stamps) {
      const starts = Float64Array.from(stamps.values);
      const steps = starts
        .slice(1)
        .map((t, i) => t - starts[i]!)
        .sort();
      const bad = starts.findIndex((t, i) => i > 0 && !(t > starts[i - 1]!));
      if (starts.length !== samples || bad >= 0) throw this.fail(`${series}/timestamps`, bad >= 0 ? `do not grow at frame ${bad}` : `are ${starts.length}, but there are ${samples} frames`); // biome-ignore format: one line
      return { starts, period: steps[steps.length >> 1]! };
    }
    const first = this.file.get(`${series}/starting_time`);
    const rate = first && "attrs" in first ? Number(first.attrs.rate?.value) : Number.NaN;
    if (!(rate > 0)) throw this.fail(series, "has neither timestamps nor a starting_time with a rate");
    const from = Number((first as unknown as { value: number }).value);
    return { starts: Float64Array.from({ length: samples }, (_, t) => from + t / rate), period: 1 / rate };
  }
}
