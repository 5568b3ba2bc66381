import { z } from "zod";
import { transform } from "./transform";

/** Maps bytes to about -0.5 .. 0.5: `(x - 127) / 255`. */
export const pixelnorm = transform(z.strictObject({}), ({ shape, values }) => ({
  shape,
  values: values.map((byte) => (byte - 127) / 255),
}));
