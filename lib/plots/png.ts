/** An image as a PNG file. */
export interface Png {
  width: number;
  height: number;
  bytes: Buffer;
}

/**
 * Renders an SVG to pixels without a browser. Texts need a system font; without one (as in a slim container) they are omitted.
 */
export function toPng(svg: string): Png {
  // Loaded on first use, because it is native code.
  const { Resvg } = require("@resvg/resvg-js") as typeof import("@resvg/resvg-js");
  const image = new Resvg(svg, {
    font: { defaultFontFamily: "DejaVu Sans", sansSerifFamily: "DejaVu Sans" },
  }).render();
  return { width: image.width, height: image.height, bytes: image.asPng() };
}
