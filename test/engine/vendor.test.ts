import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { BUNDLES, textOf } from "../../vendor/bundles";

test.each(BUNDLES)("vendor/$file is up to date with `npm run vendor`", async (bundle) => {
  expect(readFileSync(join("vendor", bundle.file), "utf8")).toBe(await textOf(bundle));
});
