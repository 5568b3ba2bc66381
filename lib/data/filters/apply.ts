import { type Op, onlyOp } from "../ops";
import type { Counted, FilterInput } from "./filter";
import { filters } from "./index";

/**
 * Applies all filters and combines them with AND; without filters, every bin counts.
 *
 * @param where the file, for errors
 * @returns a column for each unit when a filter has one, else one for all
 */
export function applyFilters(input: FilterInput, ops: readonly Op[], where: string, path = "ops"): Counted {
  const each = ops.map((op, i) => {
    const [name, options] = onlyOp(op);
    return filters[name]!.apply(input, options, { where, path: `${path}.${i}.${name}` });
  });
  const columns = Math.max(1, ...each.map((counted) => counted.columns));
  const dfs = Float32Array.from({ length: input.frames * columns }, (_, i) =>
    Number(each.every((own) => own.dfs[own.columns === 1 ? Math.floor(i / columns) : i]! > 0)),
  );
  return { dfs, columns };
}
