import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseHTML } from "linkedom";
import { beforeAll, expect, test } from "vitest";
import { DISPLAY } from "../../../lib/base/jupyter/display";
import { compareRuns, writeComparison } from "../../../lib/evaluation/report/compare";
import { openRun } from "../../../lib/evaluation/report/open-run";
import { writeReport } from "../../../lib/evaluation/report/report";
import { newFolder } from "../../new-folder";
import { HOSTILE, SECRET, writeHostileRun } from "./hostile-run";

const dir = newFolder();
const folder = join(dir, "run");
beforeAll(() => {
  writeHostileRun(folder);
});

/** Parses a page as a browser does. */
function parsed(page: string) {
  return parseHTML(readFileSync(page, "utf8")).document;
}

/** Checks that no text added an element to the page, and that the page's policy allows exactly its own scripts. */
function expectOwnMarkupOnly(page: string, scripts: number) {
  const document = parsed(page);
  const all = [...document.querySelectorAll("*")];
  expect(
    all
      .flatMap(({ attributes }) => [...attributes].map(({ name }) => name))
      .filter((name) => /^on/.test(name)),
  ).toEqual([]);
  expect(document.querySelectorAll("iframe, a, svg, link, object, embed, base, form").length).toBe(0);
  for (const image of document.querySelectorAll("img"))
    expect(image.getAttribute("src")).toMatch(/^data:image\/svg\+xml;base64,/);
  const code = [...document.querySelectorAll("script:not([type])")].map(({ textContent }) => textContent!);
  expect(code).toHaveLength(scripts);
  const hashes = code.map((text) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`);
  expect(document.querySelector("meta[http-equiv='Content-Security-Policy']")!.getAttribute("content")).toBe(
    `default-src 'none'; script-src ${hashes.join(" ")}; style-src 'unsafe-inline'; img-src data: blob:; font-src data:; base-uri 'none'; form-action 'none'`,
  );
  for (const { textContent } of document.querySelectorAll("script[type='application/json']"))
    expect(JSON.parse(textContent!)).toHaveProperty("layout");
  return document;
}

test("runs no code of an untrusted run and escapes its texts", async () => {
  const page = await writeReport(folder);
  expect(existsSync(join(folder, "ran"))).toBe(false);
  const document = expectOwnMarkupOnly(page, 3);
  const warnings = [...document.querySelectorAll(".warning")].map(({ textContent }) => textContent);
  expect(warnings).toEqual([
    HOSTILE[0],
    HOSTILE[2],
    `The model cannot be rebuilt: ${folder}/config.yaml: names components in ${join(folder, "evil.cjs")}, which would be run; if you trust them, give --trust (in code: trust: true)`,
    "1 lines of events.jsonl cannot be read and are left out.",
  ]);
  expect(document.querySelector("header p")!.textContent).toContain(HOSTILE[3]);
});

test("embeds only pictures from the run's folder", async () => {
  const document = parsed(await writeReport(folder));
  const kinds = [...document.querySelectorAll(".over-epochs")];
  expect(kinds.map((kind) => kind.querySelector("h3")!.textContent)).toEqual([HOSTILE[4]]);
  const images = [...kinds[0]!.querySelectorAll("img")].map((image) => image.getAttribute("alt"));
  expect(images).toEqual([`${HOSTILE[4]} after epoch 1`, `${HOSTILE[4]} after epoch 2`]);
  expect(document.toString()).not.toContain(Buffer.from(SECRET).toString("base64"));
});

test("loads a trusted run's own components after reporting their path", async () => {
  const trusted = join(dir, "trusted");
  writeHostileRun(trusted);
  const told: string[] = [];
  const page = await writeReport(trusted, { trust: true, onProgress: (doing) => told.push(doing) });
  expect(existsSync(join(trusted, "ran"))).toBe(true);
  expect(told).toContain(`running the run's own components in ${join(trusted, "evil.cjs")}`);
  expect(readFileSync(page, "utf8")).toContain("Evil of ./evil.cjs is not a component");
});

test("escapes markup of hostile runs in a comparison", () => {
  const other = join(dir, "<b>other");
  writeHostileRun(other);
  const comparison = compareRuns([folder, other]);
  writeComparison(comparison, join(dir, "compare.html"));
  const document = expectOwnMarkupOnly(join(dir, "compare.html"), 2);
  expect(document.querySelector("header p")!.textContent).toBe("run, <b>other");
  expect(existsSync(join(folder, "ran"))).toBe(false);
});

test("escapes a hostile run's texts in a notebook", () => {
  const html = openRun(folder)[DISPLAY]()["text/html"];
  const { document } = parseHTML(`<html><body>${html}</body></html>`);
  expect(document.querySelectorAll("script, img, iframe, a, [onload], [onerror]").length).toBe(0);
});

test("rejects a configuration that links to a file outside of the run's folder", () => {
  const linked = join(dir, "linked");
  mkdirSync(linked);
  writeFileSync(join(linked, "events.jsonl"), "");
  writeFileSync(join(dir, "private.yaml"), "password: hunter2\n");
  symlinkSync(join("..", "private.yaml"), join(linked, "config.yaml"));
  const path = join(linked, "config.yaml");
  expect(() => openRun(linked)).toThrow(
    `${path}: is not a file of the run's folder: links to other folders are not followed`,
  );
});

test.each([
  ["[1, 2", "line 1, column 6: not valid YAML: "],
  ["- a", "must be a mapping, as the run wrote it; put that file back, or remove it"],
  ["", "the file is empty"],
])("reports a broken configuration %j with the name of the file", (text, message) => {
  const broken = join(dir, `broken${text.length}`);
  mkdirSync(broken);
  writeFileSync(join(broken, "events.jsonl"), "");
  writeFileSync(join(broken, "config.yaml"), text);
  expect(() => openRun(broken)).toThrow(`${join(broken, "config.yaml")}: ${message}`);
});
