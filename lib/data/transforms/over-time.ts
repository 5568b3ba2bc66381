import { type Covariate, strides } from "../covariate";

/**
 * Each column of a covariate seen through filters over time, `y[t] = sum_l filter[l] x[source(t, l)]`; frames that are not
 * there count as 0.
 *
 * @param filters by tap
 * @param source the frame that tap l of output frame t sees
 * @returns the filters of a column side by side: `[T, ..., V * filters]`
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
