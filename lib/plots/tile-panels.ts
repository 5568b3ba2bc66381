import { tileSheet } from "./image";
import type { Mark, Panel } from "./panel";

/** A unit with small images of one size. */
interface TiledUnit {
  readonly session: string;
  readonly height: number;
  readonly width: number;
}

/** The appearance of the units of `tilePanels`. */
interface Tiles<U> {
  /** Returns the title of a session's panel. */
  title(session: string): string;
  /** The images of a unit, from top to bottom, `[height, width]` each. */
  readonly images: readonly ((unit: U) => ArrayLike<number>)[];
  /** The lines of text above the images of a unit, from top to bottom. */
  readonly lines: readonly ((unit: U) => string)[];
  /** Returns the value at the end of the color scale of a unit's images. Default: the greatest absolute value of each image. */
  scale?(unit: U): number;
}

/** The blank space between tiles, as a share of a tile. */
const GAP = 0.12;
/** The height of a line of text, as a share of a tile. */
const LINE = 0.13;

/** Draws a panel for each session, with a column of images for each of its units. */
export function tilePanels<U extends TiledUnit>(
  units: readonly U[],
  { title, images, lines, scale }: Tiles<U>,
): Panel[] {
  const sessions = [...new Set(units.map(({ session }) => session))];
  return sessions.map((session): Panel => {
    const own = units.filter((unit) => unit.session === session);
    const { height, width } = own[0]!;
    const gap = Math.max(1, Math.round(GAP * width));
    const { image, corners } = tileSheet(
      images.flatMap((imageOf) => own.map(imageOf)),
      { height, width, columns: own.length, gap },
      scale && images.flatMap(() => own.map(scale)),
    );
    const centres = corners.slice(0, own.length).map(({ x }) => x + (width - 1) / 2);
    const texts = lines.map(
      (textOf, i): Mark => ({
        kind: "text",
        name: "",
        color: i === 0 ? "#222" : "#777",
        x: centres,
        y: own.map(() => -(lines.length - i - 0.1) * LINE * height),
        text: own.map(textOf),
      }),
    );
    return {
      title: title(session),
      x: { label: "" },
      y: { label: "", reverse: true },
      equal: true,
      bare: true,
      marks: [image, ...texts],
    };
  });
}
