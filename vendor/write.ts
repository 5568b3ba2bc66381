import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { BUNDLES, textOf } from "./bundles";

/** `npm run vendor`: writes the bundles of `vendor/` anew, after another version of one of their packages was installed. */
async function main(): Promise<void> {
  for (const bundle of BUNDLES) writeFileSync(join(__dirname, bundle.file), await textOf(bundle));
}

void main();
