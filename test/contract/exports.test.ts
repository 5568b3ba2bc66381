import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import * as ts from "typescript";
import { expect, test } from "vitest";

/** The rooms with a public face, `gradbook/ROOM`. */
const ROOMS = readdirSync("lib").filter((room) => existsSync(join("lib", room, "index.ts")));

const index = (room: string) => resolve("lib", room, "index.ts");
const { config } = ts.readConfigFile("tsconfig.json", ts.sys.readFile);
const { options } = ts.parseJsonConfigFileContent(config, ts.sys, resolve("."));
const [MAIN, OLD] = ["lib/gradbook.ts", "lib/deprecated.ts"].map((file) => resolve(file)) as [string, string];
const program = ts.createProgram([MAIN, OLD, index("."), ...ROOMS.map(index)], options);
const checker = program.getTypeChecker();

function exportsOf(file: string): ts.Symbol[] {
  return checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(file)!)!);
}
const names = (file: string) => exportsOf(file).map(({ name }) => name);
const deprecated = names(OLD);
const lines = (list: readonly string[]) => `${[...list].sort().join("\n")}\n`;

test("the main entry exports the names that a notebook needs", async () => {
  const main = names(MAIN);
  expect(names(index(".")).sort()).toEqual([...main, ...deprecated].sort());
  const [whole, ...parts] = await Promise.all([index("."), MAIN, OLD].map((file) => import(file)));
  expect(Object.keys(whole).sort()).toEqual(parts.flatMap(Object.keys).sort());
  await expect(lines(main)).toMatchFileSnapshot("exports/gradbook.txt");
  expect(main.length).toBeLessThan(70);
});

test.each(ROOMS)("gradbook/%s exports its names, and package.json has its path", async (room) => {
  await expect(lines(names(index(room)))).toMatchFileSnapshot(`exports/${room}.txt`);
  const { exports } = JSON.parse(readFileSync("package.json", "utf8")) as {
    exports: Record<string, unknown>;
  };
  expect(exports[`./${room}`]).toBe(`./dist/lib/${room}/index.js`);
});

test("names that moved from the main entry to a room still work there, and their docs name the new path", async () => {
  await expect(lines(deprecated)).toMatchFileSnapshot("exports/deprecated.txt");
  const wrong = exportsOf(OLD).filter((symbol) => {
    const text = symbol.getJsDocTags(checker)[0]?.text?.[0]?.text ?? "";
    const [, name = symbol.name, room = ""] =
      /^(?:Import it from|Use `(\w+)` of) "gradbook\/(\w+)"\.$/.exec(text) ?? [];
    return !(ROOMS.includes(room) && names(index(room)).includes(name));
  });
  expect(wrong.map(({ name }) => name)).toEqual([]);
});
