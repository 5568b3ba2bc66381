import { execFileSync, spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readYaml } from "../../../lib/base/config";
import { newFolder } from "../../new-folder";

const file = join(newFolder(), "model ü 1.yaml");

function read(text: string): unknown {
  writeFileSync(file, text);
  return readYaml(file);
}

test("reads Windows line ends, a byte order mark, anchors and merge keys as PyYAML does", () => {
  expect(read("a: 1\r\nb:\r\n  - x\r\n")).toEqual({ a: 1, b: ["x"] });
  expect(read("\ufeffa: 1\n")).toEqual({ a: 1 });
  expect(read("one: &one {type: cnn, width: 3}\ntwo: {<<: *one, width: 5}\n")).toEqual({
    one: { type: "cnn", width: 3 },
    two: { type: "cnn", width: 5 },
  });
  expect(read("one: &one [1, 2]\ntwo: [*one, *one]\n")).toEqual({
    one: [1, 2],
    two: [
      [1, 2],
      [1, 2],
    ],
  });
});

test.each([
  ["", "the file is empty"],
  ["# only\n\n  # comments\r\n", "the file is empty"],
  ["a: 1\na: 2\n", "line 2, column 1: not valid YAML: duplicated mapping key"],
  [
    "a: &x\n  b: [*x]\n",
    "a.b.0: this alias (*name) refers to a value that contains the alias itself; write the value out instead",
  ],
])("rejects %j", (text, message) => {
  expect(() => read(text)).toThrow(`${file}: ${message}`);
});

test("reads a file of blank lines without delay", () => {
  expect(() => read(" \n".repeat(50_000))).toThrow("the file is empty");
});

/** Returns nested aliases: each level refers to the previous one `times` times. */
const bomb = (levels: number, times: number) =>
  Array.from({ length: levels }, (_, i) => {
    const inner = Array(times).fill(i === 0 ? "x" : `*a${i - 1}`);
    return `a${i}: &a${i} [${inner.join(", ")}]`;
  }).join("\n");

test.each([
  [12, 9],
  [40, 9],
])("rejects aliases of %i levels with %i in each without delay", (levels, times) => {
  const began = performance.now();
  expect(() => read(bomb(levels, times))).toThrow(
    /its aliases \(\*name\) make [\d,]+ values from [\d,]+ written ones; at most 10 times as many are allowed: write out the values that are needed/,
  );
  expect(performance.now() - began).toBeLessThan(2000);
});

test("reads aliases that repeat a value a few times", () => {
  const values = Array.from({ length: 20_000 }, (_, i) => i);
  expect(read(`one: &one [${values}]\ntwo: *one\nsix: [*one, *one, *one, *one]\n`)).toHaveProperty(
    "two",
    values,
  );
});

test.skipIf(process.platform === "win32")("reads a pipe, and rejects a file without an end", () => {
  const pipe = join(newFolder(), "pipe");
  execFileSync("mkfifo", [pipe]);
  spawn("sh", ["-c", `printf 'a: 1\\nb: 2\\n' > "${pipe}"`]);
  expect(readYaml(pipe)).toEqual({ a: 1, b: 2 });
  expect(() => readYaml("/dev/zero")).toThrow(
    "/dev/zero: has more than 33,554,432 bytes; a YAML file of gradbook has some kilobytes",
  );
});

test("names a file that cannot be read, also without a name", () => {
  const missing = join(newFolder(), "none.yaml");
  expect(() => readYaml(missing)).toThrow(`${missing}: no such file; check the path`);
  expect(() => readYaml(newFolder())).toThrow(/: cannot be read \(EISDIR\)$/);
  expect(() => readYaml("")).toThrow('"": no such file; check the path');
});
