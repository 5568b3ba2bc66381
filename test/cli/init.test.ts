import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { newFolder } from "../new-folder";
import { gradbookIn } from "./gradbook";

let dir: string;
beforeEach(() => {
  dir = newFolder();
});

const FILES = [
  "configs/models/quickstart.yaml",
  "configs/sessions/demo.yaml",
  "notebooks/01-quickstart.ipynb",
  "notebooks/tsconfig.json",
];

test("writes configurations and a first notebook, and prints commands that exist", () => {
  const { status, stdout } = gradbookIn(dir, "init");
  expect(status).toBe(0);
  for (const file of FILES) {
    expect(stdout).toContain(`written  ${file}\n`);
    expect(readFileSync(join(dir, file), "utf8")).toBe(readFileSync(file, "utf8"));
  }
  const named = [...stdout.matchAll(/npx gradbook (\w+)/g)].map(([, name]) => name);
  expect(named).toEqual(["setup", "start", "lab"]);
});

test("writes no file when one exists already, unless --force is given", () => {
  const { status } = gradbookIn(dir, "init");
  expect(status).toBe(0);
  writeFileSync(join(dir, FILES[0]!), "mine");
  const second = gradbookIn(dir, "init");
  expect(second).toMatchObject({ status: 2, stdout: "" });
  expect(second.stderr).toContain(
    `${FILES[0]}: exists already: give another folder, or --force to replace it`,
  );
  expect(readFileSync(join(dir, FILES[0]!), "utf8")).toBe("mine");
  expect(gradbookIn(dir, "init", "--force").status).toBe(0);
  expect(readFileSync(join(dir, FILES[0]!), "utf8")).not.toBe("mine");
  expect(existsSync(join(dir, FILES[3]!))).toBe(true);
});

test.each([
  ["bash", "complete -o filenames -F _gradbook gradbook"],
  ["zsh", "compdef _gradbook gradbook"],
  [
    "fish",
    "complete -c gradbook -n '__fish_seen_subcommand_from doctor' -l json -d 'print the checks as JSON'",
  ],
])("completion %s prints a script with the commands and their options", (shell, line) => {
  const { status, stdout } = gradbookIn(dir, "completion", shell);
  expect(status).toBe(0);
  expect(stdout.split("\n")).toContain(line);
});

test("prints the version with --version", () => {
  const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
  expect(gradbookIn(dir, "--version")).toMatchObject({ status: 0, stdout: `${version}\n` });
});
