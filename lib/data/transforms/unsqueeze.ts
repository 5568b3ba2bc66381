import { z } from "zod";
import { axisOf, transform } from "./transform";

/** Inserts an axis of length 1 at this position of the result; negative positions count from the last. */
export const unsqueeze = transform(z.int(), ({ shape, values }, place, context) => {
  const axis = axisOf(place, shape.length + 1, context);
  return { shape: [...shape.slice(0, axis), 1, ...shape.slice(axis)], values };
});
