import { describe, test } from "vitest";
import { checks } from "./checks";
import { goldenFiles, readGolden } from "./golden";

for (const file of goldenFiles()) {
  describe(file, () => {
    for (const golden of readGolden(file)) {
      test(golden.name, async () => {
        const check = checks[file];
        if (!check) throw new Error(`nothing compares ${file} yet`);
        await check(golden);
      });
    }
  });
}
