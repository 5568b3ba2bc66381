/** A picture's pixels, as a PNG file. */
export interface Png {
  width: number;
  height: number;
  bytes: Buffer;
}

/**
 * Draws an SVG as pixels, without a browser. Words need a font of the system's: where it has none (a slim container) they
 * are left out.
 */
export function toPng(svg: string): Png {
  // Loaded when it is needed: it is native code.
  const { Resvg } = require("@resvg/resvg-js") as typeof import("@resvg/resvg-js");
  const image = new Resvg(svg, {
    font: { defaultFontFamily: "DejaVu Sans", sansSerifFamily: "DejaVu Sans" },
  }).render();
  return { width: image.width, height: image.height, bytes: image.asPng() };
}
