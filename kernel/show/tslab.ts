import { randomUUID } from "node:crypto";

type Show = (content: object, update: boolean) => void;

const TYPES = {
  javascript: "text/javascript",
  html: "text/html",
  markdown: "text/markdown",
  latex: "text/latex",
  svg: "image/svg+xml",
  png: "image/png",
  jpeg: "image/jpeg",
  gif: "image/gif",
  pdf: "application/pdf",
  text: "text/plain",
} as const;

/**
 * Returns the exports of `import * as tslab from "tslab"` in this kernel: tslab's own API, with this kernel's displays.
 */
export function tslabModule(show: Show, versions: object): Record<string, unknown> {
  const display = (id?: string) => {
    let update = false;
    const raw = (type: string, data: string | Uint8Array) => {
      const value = typeof data === "string" ? data : Buffer.from(data).toString("base64");
      show({ data: { [type]: value }, metadata: {}, transient: id ? { display_id: id } : {} }, update);
      update = id !== undefined;
    };
    const methods = Object.entries(TYPES).map(([name, type]) => [
      name,
      (data: string | Uint8Array) => raw(type, data),
    ]);
    return { ...Object.fromEntries(methods), raw };
  };
  return { versions, display: display(), newDisplay: () => display(randomUUID()) };
}
