import { DISPLAY, escapeHtml, type Table } from "../jupyter";
import type { Figure } from "../plots/figure";
import { plotlyLibrary, plotlyPlace } from "../plots/html";

/** A part of a page. */
export interface Section {
  title: string;
  /** Words above. */
  text?: string;
  figures?: readonly { figure: Figure; caption?: string; title?: string }[];
  table?: Table;
  /** Ready-made HTML, and what is folded away until it is asked for. */
  html?: string;
  folded?: { title: string; text: string };
}

/** A number that the reader should see first. */
export interface KeyFigure {
  value: string;
  label: string;
}

/** One page that loads nothing from elsewhere: figures are interactive, and the page prints. */
export function toPage(
  title: string,
  subtitle: string,
  keys: readonly KeyFigure[],
  sections: readonly Section[],
): string {
  let figures = 0;
  const drawn = sections.map((section) => {
    const parts = (section.figures ?? []).map(({ figure, caption, title }) => {
      const heading = title ? `<h3>${escapeHtml(title)}</h3>` : "";
      const words = caption ? `<p class="caption">${escapeHtml(caption)}</p>` : "";
      return `<figure>${heading}${words}${plotlyPlace(`figure-${figures++}`, figure.plotly())}</figure>`;
    });
    const { text, table, html = "", folded } = section;
    const words = text ? `<p>${escapeHtml(text)}</p>` : "";
    const rows = table ? `<div class="wide">${table[DISPLAY]()["text/html"]}</div>` : "";
    const hidden = folded
      ? `<details><summary>${escapeHtml(folded.title)}</summary><pre>${escapeHtml(folded.text)}</pre></details>`
      : "";
    return `<section><h2>${escapeHtml(section.title)}</h2>${words}${rows}${parts.join("")}${html}${hidden}</section>`;
  });
  const cards = keys.map(
    ({ value, label }) => `<div><b>${escapeHtml(value)}</b><span>${escapeHtml(label)}</span></div>`,
  );
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title><style>${STYLE}</style>${figures > 0 ? plotlyLibrary() : ""}</head>
<body><header><h1>${escapeHtml(title)}</h1><p>${escapeHtml(subtitle)}</p><div class="keys">${cards.join("")}</div></header>
<main>${drawn.join("\n")}</main></body></html>
`;
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
