import { createHash } from "node:crypto";
import { Html, html, joinHtml, type Table } from "../../base/jupyter/table";
import { DRAW_FIGURES, type Figure, plotlyLibrary, plotlyPlace } from "../../plots/figure";

/** A script as an element, and the expression by which a Content Security Policy allows exactly this text. */
export interface InlineScript {
  element: Html;
  source: string;
}

/** Makes an inline script element. @param code must not contain `</script` */
function inlineScript(code: string): InlineScript {
  const source = `'sha256-${createHash("sha256").update(code).digest("base64")}'`;
  return { element: html`<script>${new Html(code)}</script>`, source };
}

/**
 * Returns the Content Security Policy (https://www.w3.org/TR/CSP3) of a self-contained page, as its meta element: the
 * page can load nothing from other hosts, embed no frames, and send nothing. Inline styles are allowed because
 * plotly.js sets them.
 *
 * @param scripts sources that may run. Default: none
 * @param images further sources of pictures besides the page itself
 */
export function securityPolicy(scripts: readonly string[], images: readonly string[] = []): Html {
  const directives = [
    "default-src 'none'",
    `script-src ${scripts.length > 0 ? scripts.join(" ") : "'none'"}`,
    "style-src 'unsafe-inline'",
    ["img-src data: blob:", ...images].join(" "),
    "font-src data:",
    "base-uri 'none'",
    "form-action 'none'",
  ];
  return html`<meta http-equiv="Content-Security-Policy" content="${new Html(directives.join("; "))}">`;
}

/** A part of a page. */
export interface Section {
  title: string;
  /** The text above the figures. */
  text?: string;
  figures?: readonly { figure: Figure; caption?: string; title?: string }[];
  table?: Table;
  /** Markup below the figures. */
  html?: Html;
  /** Text that is hidden until the reader asks for it. */
  folded?: { title: string; text: string };
}

/** A number that is shown at the top of the page. */
export interface KeyFigure {
  value: string;
  label: string;
}

/** The contents of a page. */
export interface Page {
  title: string;
  subtitle: string;
  /** The key figures. Default: none. */
  keys?: readonly KeyFigure[];
  sections: readonly Section[];
  /** The text of a script that the sections' markup needs. Default: none. */
  script?: string;
}

/**
 * Builds one self-contained page that runs no script but its own. Its figures are interactive, and it can be printed.
 */
export function toPage({ title, subtitle, keys = [], sections, script }: Page): string {
  let figures = 0;
  const drawn = sections.map((section) => drawSection(section, () => `figure-${figures++}`));
  const cards = keys.map(({ value, label }) => html`<div><b>${value}</b><span>${label}</span></div>`);
  const plots = figures > 0 ? [plotlyLibrary(), DRAW_FIGURES] : [];
  const scripts = [...plots, ...(script ? [script] : [])].map(inlineScript);
  const policy = securityPolicy(scripts.map(({ source }) => source));
  return String(html`<!doctype html>
<html lang="en"><head><meta charset="utf-8">${policy}<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title><style>${new Html(STYLE)}</style></head>
<body><header><h1>${title}</h1><p>${subtitle}</p><div class="keys">${cards}</div></header>
<main>${joinHtml(drawn, "\n")}</main>${scripts.map(({ element }) => element)}</body></html>
`);
}

function drawSection(
  { title, text, figures = [], table, html: markup, folded }: Section,
  nextId: () => string,
): Html {
  const words = text ? html`<p>${text}</p>` : "";
  const rows = table ? html`<div class="wide">${table.html()}</div>` : "";
  const drawn = figures.map(({ figure, caption, title }) => {
    const heading = title ? html`<h3>${title}</h3>` : "";
    const words = caption ? html`<p class="caption">${caption}</p>` : "";
    return html`<figure>${heading}${words}${plotlyPlace(nextId(), figure.plotly())}</figure>`;
  });
  const hidden = folded
    ? html`<details><summary>${folded.title}</summary><pre>${folded.text}</pre></details>`
    : "";
  return html`<section><h2>${title}</h2>${words}${rows}${drawn}${markup ?? ""}${hidden}</section>`;
}

const STYLE = `
body { font: 15px/1.5 system-ui, sans-serif; color: #222; background: #fff; margin: 0 auto; max-width: 960px; padding: 24px 20px 60px; }
header p { color: #666; margin: 0 0 16px; }
h1 { font-size: 28px; margin: 0; } h2 { font-size: 20px; margin: 44px 0 8px; border-bottom: 1px solid #ddd; padding-bottom: 6px; }
h3 { font-size: 16px; margin: 24px 0 0; }
.keys { display: flex; flex-wrap: wrap; gap: 12px; } .keys div { background: #f4f6f8; border-radius: 6px; padding: 10px 16px; min-width: 92px; }
.keys b { display: block; font-size: 21px; font-weight: 600; } .keys span { color: #666; font-size: 13px; }
figure { margin: 0 0 8px; overflow-x: auto; } .caption { color: #666; font-size: 13.5px; margin: 2px 0 6px; }
.wide { overflow-x: auto; } table { border-collapse: collapse; font-size: 13.5px; margin: 10px 0; }
caption { text-align: left; color: #666; padding-bottom: 6px; } th { text-align: right; font-weight: 600; border-bottom: 1px solid #999; }
td { text-align: right; border-bottom: 1px solid #eee; } th, td { padding: 4px 12px 4px 0; white-space: nowrap; }
th:first-child, td:first-child { text-align: left; }
details { margin: 12px 0; } summary { cursor: pointer; color: #1f5f9f; } pre { background: #f6f6f6; padding: 12px; overflow-x: auto; font-size: 12.5px; }
.over-epochs img { max-width: 100%; } .over-epochs input { width: 320px; vertical-align: middle; }
.warning { background: #fff6e0; border-left: 4px solid #e0a100; padding: 6px 12px; }
`;
