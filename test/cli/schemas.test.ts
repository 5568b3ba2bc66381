import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { jsonSchemas } from "../../lib/cli/schemas";

test.each(Object.entries(jsonSchemas()))(
  "schemas/%s.json is up to date with `npm run schemas`",
  (name, schema) => {
    expect(JSON.parse(readFileSync(join("schemas", `${name}.json`), "utf8"))).toEqual(
      JSON.parse(JSON.stringify(schema)),
    );
  },
);

test("describes the options of each type in the schema of a model", () => {
  const { properties } = jsonSchemas().model as { properties: Record<string, { anyOf: object[] }> };
  expect(properties.readout!.anyOf).toContainEqual(
    expect.objectContaining({
      properties: expect.objectContaining({
        type: { const: "gaussian" },
        params: { anyOf: [expect.objectContaining({ type: "object" }), { type: "null" }] },
      }),
    }),
  );
});

test.each(["models", "sessions"])("each file of configs/%s names its schema", (folder) => {
  for (const file of readdirSync(join("configs", folder)).filter((name) => name.endsWith(".yaml")))
    expect(readFileSync(join("configs", folder, file), "utf8").split("\n")[0]).toBe(
      `# yaml-language-server: $schema=../../node_modules/gradbook/schemas/${folder.replace("models", "model")}.json`,
    );
});
