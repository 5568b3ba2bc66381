import { z } from "zod";
import { filters } from "../data/filters";
import { parentSchema } from "../data/session-schema";
import { transforms } from "../data/transforms";
import { modelSchema, TYPED } from "../model/config";
import { trainSchema } from "./train/flags";

type JsonSchema = Record<string, unknown>;

/**
 * Returns the JSON Schema of the input, before defaults are filled in. A check that JSON Schema cannot express allows
 * any value there.
 */
const toJsonSchema = (schema: z.ZodType): JsonSchema => {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
  return rest;
};

/**
 * Returns the JSON Schemas of the YAML files, which editors use for completion and checks: `schemas/NAME.json` in the
 * package.
 */
export function jsonSchemas(): Record<"model" | "sessions" | "training", JsonSchema> {
  const draft = { $schema: "https://json-schema.org/draft/2020-12/schema" };
  return {
    model: { ...draft, title: "gradbook: a model", ...modelJsonSchema() },
    sessions: { ...draft, title: "gradbook: recording sessions", ...sessionsJsonSchema() },
    training: { ...draft, title: "gradbook: flags of gradbook train", ...toJsonSchema(trainSchema) },
  };
}

/** Adds the names of transforms and filters with their options. */
function sessionsJsonSchema(): JsonSchema {
  const schema = toJsonSchema(parentSchema) as { properties: Record<string, Pipelines> };
  schema.properties.transforms!.additionalProperties.properties.ops.items = opJsonSchema(transforms);
  schema.properties.datafilters!.additionalProperties.properties.ops.items = opJsonSchema(filters);
  return schema;
}

interface Pipelines {
  additionalProperties: { properties: { ops: { items: JsonSchema } } };
}

/** The JSON Schema of an op: one name of a room with its options. */
const opJsonSchema = (room: Readonly<Record<string, { options: z.ZodType }>>): JsonSchema => ({
  type: "object",
  properties: Object.fromEntries(
    Object.entries(room).map(([name, { options }]) => [
      name,
      { anyOf: [toJsonSchema(options), { type: "null" }] },
    ]),
  ),
  minProperties: 1,
  maxProperties: 1,
  additionalProperties: false,
});

/** Adds the options of each type of a stage. */
function modelJsonSchema(): JsonSchema {
  const { properties, ...rest } = toJsonSchema(modelSchema);
  const stages = Object.entries(TYPED).map(([name, room]) => {
    const types = Object.entries(room as Record<string, { options: z.ZodType }>).map(([type, { options }]) =>
      stage({ const: type }, toJsonSchema(options)),
    );
    return [name, { anyOf: [...types, stage({ type: "string", pattern: "#" }, { type: "object" })] }];
  });
  return { ...rest, properties: { ...(properties as JsonSchema), ...Object.fromEntries(stages) } };
}

/** A type of the user's own is an export of a module, `./my_core.ts#MyCore`. */
const stage = (type: JsonSchema, params: JsonSchema): JsonSchema => ({
  type: "object",
  properties: { type, params: { anyOf: [params, { type: "null" }] } },
  required: ["type"],
  additionalProperties: false,
});
