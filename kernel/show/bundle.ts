import { inspect } from "node:util";
import { isTensor, tensorBundle } from "./tensor";

/** The forms of a value, by MIME type. */
export type MimeBundle = Record<string, unknown>;

const DRAW = Symbol.for("Jupyter.display");

/** Converts a value to the forms that a front end can show. */
export async function toBundle(value: unknown): Promise<MimeBundle> {
  if ((typeof value === "object" && value !== null) || typeof value === "function") {
    const draw = (value as Record<symbol, unknown>)[DRAW];
    if (typeof draw === "function") {
      const drawn = (await draw.call(value)) as MimeBundle | undefined;
      if (typeof drawn !== "object" || drawn === null)
        throw new TypeError(
          `[Symbol.for("Jupyter.display")]() gave ${inspect(drawn)}: it has to give an object of MIME types, such as { "text/plain": "..." }`,
        );
      return "text/plain" in drawn ? drawn : { ...drawn, "text/plain": text(value) };
    }
  }
  return bundleOf(value);
}

/** Returns the forms of a value without a display method. */
export function bundleOf(value: unknown): MimeBundle {
  return isTensor(value) ? tensorBundle(value) : { "text/plain": text(value) };
}

const text = (value: unknown) => inspect(value, { depth: 4, maxArrayLength: 100, maxStringLength: 10_000 });
