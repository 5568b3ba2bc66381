import { createHash } from "node:crypto";
import { Html, html } from "../../base/jupyter";

/** A script as an element, and the expression by which a Content Security Policy allows exactly this text. */
export interface InlineScript {
  element: Html;
  source: string;
}

/** @param code must not hold `</script` */
export function inlineScript(code: string): InlineScript {
  const source = `'sha256-${createHash("sha256").update(code).digest("base64")}'`;
  return { element: html`<script>${new Html(code)}</script>`, source };
}

/**
 * The Content Security Policy (https://www.w3.org/TR/CSP3) of a page that stands alone, as its meta element: nothing is loaded from
 * other hosts, embedded as a frame, or sent. Inline styles are allowed because plotly.js sets them.
 *
 * @param scripts sources that may run. Default: none
 * @param images further sources of pictures than the page itself
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
