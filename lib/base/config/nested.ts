import { z } from "zod";
import { ConfigError } from "./errors";

/** Marks an issue whose message is complete: `check` reports it as it is. */
export const COMPLETE = "complete";

/**
 * Returns a schema that delegates to a checking function, for parts whose options depend on their type. The problems of the ConfigError
 * that the function throws become problems of the whole configuration.
 *
 * @param checkValue returns the checked value; the paths of its problems begin at the value
 */
export function checkedBy<Output>(checkValue: (value: unknown) => Output): z.ZodType<Output, unknown> {
  return z.unknown().transform((value, context) => {
    try {
      return checkValue(value);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      for (const { path, message } of error.problems)
        context.issues.push({
          code: "custom",
          input: value,
          message,
          params: { [COMPLETE]: true },
          path: path === "" ? [] : path.split("."),
        });
      return z.NEVER;
    }
  });
}
