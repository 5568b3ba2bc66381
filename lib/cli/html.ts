import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { securityPolicy } from "../evaluation/report/page";
import { DRAW_FIGURES, plotlyLibrary, plotlyPlace } from "../plots/figure";
import type { PlotlySpec } from "../plots/plotly";
import { jupyterEnvironment, runChild, SetupError, venvPython } from "./setup";

const PLOTLY = "application/vnd.plotly.v1+json";

interface Notebook {
  cells: { outputs?: { data?: Record<string, unknown> }[] }[];
}

/**
 * Turns an executed notebook into one self-contained page: figures are interactive, plotly.js is included once, and the
 * scripts that nbconvert would link to are removed.
 *
 * @throws SetupError with nbconvert's own message
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

/** Replaces plotly figures by elements with their data. @returns the types of their traces */
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
 * Makes nbconvert's page self-contained. nbconvert writes script elements for its links even when they are empty, and
 * always imports mermaid. The page's policy allows all inline scripts, because the notebook's own code wrote them, but
 * no connection to another host.
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

/** nbconvert leaves no space between a block of code and the paragraph below it, and aligns tables to the left. */
const STYLE = `<style>
.jp-RenderedMarkdown .highlight { margin-bottom: 1em; }
.jp-RenderedHTMLCommon table { margin-left: var(--jp-code-padding, 5px); }
</style>`;
