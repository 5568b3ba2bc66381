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

const LOSSES = ["poisson", "zero_inflated_poisson", "mse", "gaussian", "gamma", "zero_inflated_gamma"];

test("names the library's losses, regularizers, optimizers and schedulers, and takes exports of modules", () => {
  const { model, training } = jsonSchemas() as Record<string, { properties: Record<string, never> }>;
  const { loss, regularization } = model!.properties as Record<string, { anyOf: unknown; items: never }>;
  const { type } = (regularization!.items as { properties: Record<string, { anyOf: unknown }> }).properties;
  const flags = training!.properties as Record<string, { anyOf: unknown; description: string }>;
  const names = (...list: string[]) => [{ enum: list }, { type: "string", pattern: "#" }];
  expect(loss!.anyOf).toEqual(names(...LOSSES));
  expect(type!.anyOf).toEqual(
    names(
      "l1",
      "l2",
      "group_lasso",
      "group_sparsity",
      "laplacian",
      "ortho",
      "proximal_l1",
      "proximal_clamp",
      "proximal_clamp_positive",
      "proximal_clamp_min",
    ),
  );
  expect(flags.loss!.anyOf).toEqual(names(...LOSSES));
  expect(flags.optimizer!.anyOf).toEqual(names("adamw", "adam", "sgd", "lion", "muon"));
  expect(flags.lr_scheduler!.anyOf).toEqual(
    names("none", "step", "plateau", "cosine", "cosine_warmup", "cosine_warmup_restart", "one_cycle"),
  );
  expect(flags.max_epochs!.description).toBe("the largest number of epochs");
});

test("names the transforms and filters of sessions with their options", () => {
  const { properties } = jsonSchemas().sessions as { properties: Record<string, never> };
  const opsOf = (key: string) =>
    (properties[key] as never as { additionalProperties: { properties: { ops: { items: object } } } })
      .additionalProperties.properties.ops.items;
  expect(opsOf("transforms")).toMatchObject({
    maxProperties: 1,
    properties: { pixelnorm: {}, temporal_basis: { anyOf: [{ type: "object" }, { type: "null" }] } },
  });
  expect(Object.keys((opsOf("datafilters") as { properties: object }).properties).sort()).toEqual([
    "missing_pct",
    "valid_nlags",
  ]);
});

test.each(["models", "sessions"])("each file of configs/%s names its schema", (folder) => {
  for (const file of readdirSync(join("configs", folder)).filter((name) => name.endsWith(".yaml")))
    expect(readFileSync(join("configs", folder, file), "utf8").split("\n")[0]).toBe(
      `# yaml-language-server: $schema=../../node_modules/gradbook/schemas/${folder.replace("models", "model")}.json`,
    );
});
