import { closeSync, openSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readLines } from "../../../lib/base/files/lines";
import { newFolder } from "../../new-folder";

function fileWith(text: string | Uint8Array): string {
  const path = join(newFolder(), "file");
  writeFileSync(path, text);
  return path;
}

test.each([
  ["", []],
  ["\n", [""]],
  ["one", ["one"]],
  ["one\ntwo\n", ["one", "two"]],
  ["one\r\n\r\ntwo", ["one", "", "two"]],
])("reads the lines of %j", (text, lines) => {
  expect([...readLines(fileWith(text))]).toEqual(lines);
});

test("joins lines that span several pieces of the file, even within a character", () => {
  const lines = [..."abcdefg"].map((letter, i) => `${letter}${"é€😀".repeat(i * 120_000)}${letter}`);
  expect([...readLines(fileWith(lines.join("\n")))]).toEqual(lines);
});

test("ends a line at a newline that is the last byte of a piece", () => {
  const MEGABYTE = 1 << 20;
  const first = "x".repeat(MEGABYTE - 1);
  expect([...readLines(fileWith(`${first}\n\nend`))]).toEqual([first, "", "end"]);
});

test("reads a file of more than 2 GiB, and truncates a line after 64 MiB", () => {
  const path = fileWith("first\n");
  const file = openSync(path, "r+");
  writeSync(file, "\nlast", 2 ** 31);
  closeSync(file);
  expect([...readLines(path)].map((line) => line.length)).toEqual([5, 1 << 26, 4]);
}, 60_000);

test("passes on the system's error for a missing file", () => {
  expect(() => [...readLines(join(newFolder(), "none"))]).toThrow("ENOENT");
});
