import { createHash } from "node:crypto";
import { Html, html } from "../../base/jupyter";

/** A script as an element, and the expression by which a Content Security Policy allows exactly this text. */
export interface InlineScript {
  element: Html;
  source: string;
}

/** Makes an inline script element. @param code must not contain `</script` */
export function inlineScript(code: string): InlineScript {
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
