import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { Session } from "../../kernel/language/session";

interface Notebook {
  cells: { cell_type: string; source: string | string[] }[];
  metadata: { kernelspec: { name: string } };
}

const notebooks = readdirSync("notebooks").filter((file) => file.endsWith(".ipynb"));

test.each(notebooks)("the cells of %s pass the checks", (file) => {
  const session = new Session(resolve("notebooks"));
  const { cells } = JSON.parse(readFileSync(join("notebooks", file), "utf8")) as Notebook;
  const problems = cells
    .filter(({ cell_type }) => cell_type === "code")
    .flatMap(({ source }, number) => {
      const { result, finish } = session.compile({ code: [source].flat().join(""), number, file: "" });
      if ("diagnostics" in result) return result.diagnostics;
      finish();
      session.commit(number, []);
      return [];
    });
  expect(problems).toEqual([]);
});

test.each(notebooks)("%s names the kernel that set-up registers", (file) => {
  const { metadata } = JSON.parse(readFileSync(join("notebooks", file), "utf8")) as Notebook;
  expect(metadata.kernelspec.name).toBe("gradbook");
});
