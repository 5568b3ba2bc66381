import { z } from "zod";
import { transform } from "./transform";

/** Compresses large values and keeps signs: `sign(x) log(1 + |x|)`. */
export const symlog = transform(z.strictObject({}), ({ shape, values }) => ({
  shape,
  values: values.map((x) => Math.sign(x) * Math.log1p(Math.abs(x))),
}));
