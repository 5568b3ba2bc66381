import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { securityPolicy } from "../evaluation/report/security-policy";
import { DRAW_FIGURES, plotlyLibrary, plotlyPlace } from "../plots/html";
import type { PlotlySpec } from "../plots/plotly";
import { jupyterEnvironment, runChild, SetupError, venvPython } from "./setup";

const PLOTLY = "application/vnd.plotly.v1+json";

interface Notebook {
  cells: { outputs?: { data?: Record<string, unknown> }[] }[];
}

/**
 * Turns an executed notebook into one page that loads nothing from elsewhere: interactive figures with plotly.js put in
 * once, and none of the scripts that nbconvert would link to.
 *
 * @throws SetupError with nbconvert's own words
 */
export async function exportHtml(project: string, notebook: string, page: string): Promise<void> {
  const folder = mkdtempSync(join(dirname(page), ".export-"));
  try {
    const copy = join(folder, basename(notebook));
    const content = JSON.parse(readFileSync(notebook, "utf8")) as Notebook;
    const types = withInteractiveFigures(content);
    writeFileSync(copy, JSON.stringify(content));
    const links = [
      "mathjax",
      "require_js",
      "jquery",
      "mermaid_js",
      "mermaid_layout_elk_js",
      "jupyter_widgets_base",
    ];
    const offline = links.map((link) => `--HTMLExporter.${link}_url=`);
    const args = ["-m", "nbconvert", "--to", "html", "--log-level", "ERROR", ...offline, copy];
    const { code, output } = await runChild(venvPython(project), args, { env: jupyterEnvironment(project) });
    if (code !== 0)
      throw new SetupError(`nbconvert could not export ${notebook}: ${output.split("\n").at(-1)}`);
    const html = readFileSync(copy.replace(/\.ipynb$/, ".html"), "utf8");
    const done = join(folder, "page.html");
    writeFileSync(done, standAlone(html, types));
    renameSync(done, page);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Plotly figures become a place on the page, with their data. @returns the kinds of their traces */
function withInteractiveFigures(notebook: Notebook): string[] {
  let figures = 0;
  const types = new Set<string>();
  for (const { outputs = [] } of notebook.cells) {
    for (const { data } of outputs) {
      const figure = data?.[PLOTLY] as PlotlySpec | undefined;
      if (!data || !figure) continue;
      // A trace without a type is a scatter plot.
      for (const { type = "scatter" } of figure.data ?? []) types.add(String(type));
      data["text/html"] = String(plotlyPlace(`figure-${figures++}`, figure));
      delete data[PLOTLY];
      delete data["image/svg+xml"];
    }
  }
  return [...types];
}

/**
 * nbconvert writes script elements for its links even when they are empty, and mermaid's import whatever its link is. The page's
 * policy lets all inline scripts run, since the notebook's own code wrote them, and lets none reach another host.
 */
function standAlone(html: string, types: readonly string[]): string {
  const policy = securityPolicy(["'unsafe-inline'"], ["'self'", "file:"]);
  const drawing = html.includes("data-figure=")
    ? `<script>${plotlyLibrary(types)}</script><script>${DRAW_FIGURES}</script>`
    : "";
  return html
    .replace(/<script[^>]*\ssrc="[^"]*"[^>]*>\s*<\/script>/g, "")
    .replace(/<script type="module">(?:(?!<\/script>)[\s\S])*?\.jp-Mermaid[\s\S]*?<\/script>/g, "")
    .replace(/<head[^>]*>/, (head) => `${head}${policy}`)
    .replace("</head>", () => `${STYLE}</head>`)
    .replace(/<\/body>(?![\s\S]*<\/body>)/, () => `${drawing}</body>`);
}

/** nbconvert leaves no room between a block of code and the paragraph below it, and puts tables left of all else. */
const STYLE = `<style>
.jp-RenderedMarkdown .highlight { margin-bottom: 1em; }
.jp-RenderedHTMLCommon table { margin-left: var(--jp-code-padding, 5px); }
</style>`;
