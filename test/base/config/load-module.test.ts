import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadTypeScript } from "../../../lib/base/config/user-module";
import { newFolder } from "../../new-folder";

const dir = newFolder();
const file = () => join(dir, "mine.ts");

test("loads a TypeScript module with its imports, and takes packages from the process", () => {
  const packages = join(__dirname, "..", "..", "package.json");
  writeFileSync(join(dir, "helper.ts"), "export const twice = (x: number): number => 2 * x;");
  writeFileSync(
    file(),
    `import { createRequire } from "node:module";
     import { twice } from "./helper";
     export enum Kind { A = 3 }
     export const four: number = twice(2);
     export const zod = createRequire(${JSON.stringify(packages)})("zod");`,
  );
  const { Kind, four, zod } = loadTypeScript(file());
  expect(Kind).toMatchObject({ A: 3 });
  expect(four).toBe(4);
  expect(zod).toBe(createRequire(packages)("zod"));
});

test("runs a module once, and again after it or one of its imports has changed", () => {
  writeFileSync(join(dir, "helper.ts"), "export const value = 1;");
  writeFileSync(file(), 'import { value } from "./helper"; export const found = { value };');
  const first = loadTypeScript(file());
  expect(loadTypeScript(file())).toBe(first);
  writeFileSync(join(dir, "helper.ts"), "export const value = 2;");
  expect(loadTypeScript(file()).found).toEqual({ value: 2 });
});

test("reports a syntax error with its line", () => {
  writeFileSync(file(), "const a = 1;\nexport const b = = 2;\n");
  expect(() => loadTypeScript(file())).toThrow(/^line 2, column 18: Unexpected "="$/);
  writeFileSync(file(), 'throw new Error("no such stimulus");');
  expect(() => loadTypeScript(file())).toThrow("no such stimulus");
});
