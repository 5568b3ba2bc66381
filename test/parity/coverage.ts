import { afterAll, describe, expect, test } from "vitest";
import { ConfigError } from "../../lib/config";
import { type GoldenCase, readGolden } from "./golden";

/**
 * One test for each case of a golden file. A case that the product refuses with a ConfigError uses an option that is not
 * there yet: it is skipped, counted and printed. Everything else must pass.
 *
 * @param least so many cases must be supported, so that none is lost unnoticed
 */
export function testCases(
  file: string,
  least: number,
  run: (golden: GoldenCase) => Promise<void> | void,
): void {
  const refused: string[] = [];
  const cases = readGolden(file);
  describe(file, () => {
    for (const golden of cases) {
      test(golden.name, async (context) => {
        try {
          await run(golden);
        } catch (error) {
          if (!(error instanceof ConfigError)) throw error;
          refused.push(`${golden.name}: ${error.message}`);
          context.skip(error.message);
        }
      });
    }
    afterAll(() => {
      const supported = cases.length - refused.length;
      if (refused.length > 0)
        console.log(
          `${file}: ${supported} supported; not yet supported: ${refused.length}\n  ${refused.join("\n  ")}`,
        );
      expect(supported, `${file}: cases that are supported`).toBeGreaterThanOrEqual(least);
    });
  });
}
