import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { BUNDLES, textOf } from "../../vendor/bundles";

test.each(BUNDLES)("vendor/tfjs/$file is what `npm run vendor` writes", async (bundle) => {
  expect(readFileSync(join("vendor", "tfjs", bundle.file), "utf8")).toBe(await textOf(bundle));
});
