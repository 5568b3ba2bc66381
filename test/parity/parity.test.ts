import { describe, test } from "vitest";
import { checks } from "./checks";
import { goldenFiles, NotYet, readGolden } from "./golden";

for (const file of goldenFiles()) {
  describe(file, () => {
    for (const golden of readGolden(file)) {
      test(golden.name, async (context) => {
        const check = checks[file];
        if (!check) throw new Error(`nothing compares ${file} yet`);
        try {
          await check(golden);
        } catch (error) {
          if (error instanceof NotYet) context.skip(error.message);
          throw error;
        }
      });
    }
  });
}
