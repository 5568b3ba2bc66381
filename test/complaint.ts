import { expect } from "vitest";
import { ConfigError } from "../lib/base/config";

/** Returns the text of the ConfigError that a promise is rejected with, without the path of a folder in it. */
export const complaintOf = (promise: Promise<unknown>, dir: string): Promise<string> =>
  promise.then(
    () => "nothing was thrown",
    (error: unknown) => {
      expect(error).toBeInstanceOf(ConfigError);
      return (error as Error).message.replaceAll(`${dir}/`, "");
    },
  );
