import { type Covariate, strides } from "../covariate";

/**
 * Applies filters over time to each column of a covariate, `y[t] = sum_l filter[l] x[source(t, l)]`; missing frames count as 0.
 *
 * @param filters the taps of each filter
 * @param source returns the input frame of tap l at output frame t
 * @returns the results, with the filters of a column adjacent: `[T, ..., V * filters]`
 */
export function filteredOverTime(
  { shape, values }: Covariate,
  filters: readonly (readonly number[])[],
  source: (t: number, tap: number) => number,
): Covariate {
  const { length: frames, inner: columns } = strides(shape, 0);
  const count = filters.length;
  const out = new Float32Array(frames * columns * count);
  filters.forEach((filter, f) => {
    for (let t = 0; t < frames; t++) {
      for (let c = 0; c < columns; c++) {
        let sum = 0;
        for (let tap = 0; tap < filter.length; tap++) {
          const from = source(t, tap);
          if (from >= 0 && from < frames) sum += filter[tap]! * values[from * columns + c]!;
        }
        out[(t * columns + c) * count + f] = sum;
      }
    }
  });
  const last = shape.length > 1 ? [...shape.slice(0, -1), shape.at(-1)! * count] : [frames, count];
  return { shape: last, values: out };
}
