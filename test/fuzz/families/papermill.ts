import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import fc from "fast-check";
import { defineFamily } from "../family";

const SCRIPT = join("test", "fuzz", "papermill_server.py");
const PYTHON = join(".venv", "bin", "python");

const token = fc.constantFrom("let", "const", "var", " ", "\n", "a", "b", ":", "=", ",", ";", "(", ")", "[", "]", "{", "}", "<", ">", "`", '"', "'", "//", "/*", "*/", "=>", "number", "number[]", "string", "boolean", "bigint", "1", "1e3", "-1n", "0x", '"x"', "true", "null", "NaN", "\\", "${", "|", "?", "."); // biome-ignore format: one list
const source = fc.oneof(
  fc.array(token, { maxLength: 30 }).map((tokens) => tokens.join("")),
  fc.record({ type: fc.constantFrom("number", "number[]", "string", "boolean", "bigint", "x | y", "{ a: number }"), value: fc.array(token, { maxLength: 6 }) }).map(({ type, value }) => `let a: ${type} = ${value.join("")};\nlet b = 2;`),
  fc.tuple(token, fc.integer({ min: 100, max: 20_000 })).map(([mark, count]) => `let a = ${mark.repeat(count)}`),
); // biome-ignore format: one choice
const text = fc.oneof(
  fc.string({ maxLength: 12, unit: "binary" }),
  fc.array(token, { maxLength: 8 }).map((tokens) => tokens.join("")),
  fc
    .tuple(fc.constantFrom("[", "]", "{", "9", "-", ","), fc.integer({ min: 1, max: 200 }))
    .map(([mark, count]) => mark.repeat(count)),
  fc.constantFrom("[".repeat(50_000), "9".repeat(5000), "1e999", "1_0", "\ud800"),
);

/** Parameters of notebooks: declarations in a cell, and values for them, as papermill and `gradbook run` give them. */
export const family = defineFamily({
  inputs: fc.record({
    source,
    values: fc.array(fc.tuple(fc.constantFrom("a", "b", "x", "__proto__"), fc.oneof(fc.jsonValue(), text)), {
      maxLength: 3,
    }),
    words: fc.array(fc.tuple(fc.constantFrom("a", "b"), text), { maxLength: 2 }),
  }),
  prepare() {
    const python = spawn(PYTHON, ["-I", SCRIPT], { stdio: ["pipe", "pipe", "inherit"] });
    const lines = createInterface({ input: python.stdout });
    return async (input) => {
      python.stdin.write(`${JSON.stringify(input)}\n`);
      const [line] = (await once(lines, "line")) as [string];
      const { error } = JSON.parse(line) as { error?: string };
      if (error) throw new Error(error);
    };
  },
});
