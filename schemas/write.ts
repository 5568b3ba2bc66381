import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { jsonSchemas } from "../lib/cli/schemas";

/** `npm run schemas`: writes the JSON Schemas anew, after an option was added. */
for (const [name, schema] of Object.entries(jsonSchemas()))
  writeFileSync(join(__dirname, `${name}.json`), `${JSON.stringify(schema, null, 2)}\n`);
