import { z } from "zod";
import { chosenColumns } from "../covariate";
import { problemOf, transform } from "./transform";

const options = z.strictObject({
  /** Columns, or `cids`: those of the session's units. */
  indices: z.union([z.array(z.int().nonnegative()).min(1), z.literal("cids")], {
    error: 'must be a list of columns, or "cids"',
  }),
});

/** Selects columns of the last axis in the given order. */
export const selectUnits = transform(options, ({ shape, values }, { indices }, context) => {
  const from = shape.at(-1)!;
  const columns = indices === "cids" ? context.columns : indices;
  const bad = columns.find((column) => column >= from);
  if (shape.length < 2 || bad !== undefined)
    throw problemOf(context, `there is no column ${bad ?? columns[0]} in a covariate of shape [${shape}]`);
  return { shape: [...shape.slice(0, -1), columns.length], values: chosenColumns(values, from, columns) };
});
