import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { BUNDLES, textOf } from "./bundles";

/** `npm run vendor`: writes `vendor/tfjs/*.js` anew, after another version of tfjs was installed. */
async function main(): Promise<void> {
  for (const bundle of BUNDLES) writeFileSync(join(__dirname, "tfjs", bundle.file), await textOf(bundle));
}

void main();
