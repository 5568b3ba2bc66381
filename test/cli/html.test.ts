import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { exportHtml } from "../../lib/cli/html";
import { newFolder } from "../new-folder";

let dir: string;
beforeEach(() => {
  dir = newFolder();
});
afterEach(() => {
  vi.unstubAllEnvs();
});

const NOTEBOOK = {
  nbformat: 4,
  nbformat_minor: 5,
  metadata: { kernelspec: { name: "gradbook", display_name: "TypeScript", language: "typescript" } },
  cells: [
    {
      cell_type: "code",
      id: "figure",
      metadata: {},
      source: "display(figure)",
      execution_count: 1,
      outputs: [
        {
          output_type: "display_data",
          metadata: {},
          data: {
            "application/vnd.plotly.v1+json": { data: [{ type: "scatter", y: [1, 3, 2] }], layout: {} },
            "image/svg+xml": "<svg></svg>",
          },
        },
      ],
    },
  ],
};

test("exports a page that draws its figures and loads no outside resources", async () => {
  const notebook = join(dir, "one.ipynb");
  writeFileSync(notebook, JSON.stringify(NOTEBOOK));
  // The user's own Python packages are not used.
  mkdirSync(join(dir, "python"));
  writeFileSync(join(dir, "python", "nbformat.py"), "raise SystemExit('not this one')");
  vi.stubEnv("PYTHONPATH", join(dir, "python"));

  await exportHtml(process.cwd(), notebook, join(dir, "one.html"));

  const html = readFileSync(join(dir, "one.html"), "utf8");
  const place = /<script data-figure="figure-0" type="application\/json">(.*?)<\/script>/s;
  expect(JSON.parse(place.exec(html)?.[1] ?? "{}")).toEqual({
    data: [{ type: "scatter", y: [1, 3, 2] }],
    layout: {},
  });
  expect(html.includes("Plotly.newPlot(")).toBe(true);
  expect(html.includes("default-src 'none'; script-src 'unsafe-inline'")).toBe(true);
  // Links that a reader may click, such as plotly's credits, load nothing.
  const loads =
    /<(?:script|img|iframe)[^>]*\ssrc="(?!data:)[^"]*"|<link[^>]*>|import\(\s*["'`]\w+:|url\(["']?https?:/g;
  expect(html.match(loads) ?? []).toEqual([]);
  expect(readdirSync(dir).sort()).toEqual(["one.html", "one.ipynb", "python"]);
});
