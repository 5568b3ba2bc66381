import { type DisplayHandle, inNotebook, newDisplay } from "../jupyter";
import type { Observer, TrainerEvent } from "../trainer/events";
import { Figure } from "./figure";
import type { Mark } from "./panel";

/** How often the plot is drawn again, in milliseconds. */
const EVERY = 500;

/**
 * Draws curves below the running cell while the fit goes on: an SVG in place, which every front end redraws, and when
 * the fit ends the interactive figure instead, which is what the saved notebook keeps. Outside a notebook it is silent.
 *
 * @param metrics names of numbers in the events, such as `train_loss` and `val_bps_overall`; a panel each
 */
export class LivePlot implements Observer {
  private readonly curves: Map<string, { x: number[]; y: number[] }>;
  private handle: DisplayHandle | undefined;
  private drawn = 0;

  constructor(metrics: readonly string[]) {
    this.curves = new Map(metrics.map((metric) => [metric, { x: [], y: [] }]));
  }

  observe(event: TrainerEvent): void {
    if (event.event === "step" || event.event === "validation") {
      for (const [metric, { x, y }] of this.curves) {
        const value = (event as unknown as Record<string, unknown>)[metric];
        // The validation event repeats the epoch's mean training loss; the curve has the steps' own.
        if (typeof value !== "number" || (event.event === "validation" && metric === "train_loss")) continue;
        x.push(event.step);
        y.push(value);
      }
      if (Date.now() - this.drawn >= EVERY) this.draw((figure) => figure.svgBundle());
    }
    if (event.event === "fit_end") this.draw((figure) => figure);
  }

  /** The curves so far. */
  figure(): Figure {
    const panels = [...this.curves].map(([metric, { x, y }]) => {
      // A curve of a few points, such as a metric per epoch, shows them.
      const marks: Mark[] = [{ kind: "line", name: metric, x, y }];
      if (x.length <= 40) marks.push({ kind: "points", name: "", x, y, color: "#1f77b4" });
      return { title: metric, x: { label: "step" }, y: { label: metric }, marks };
    });
    const ends = [...this.curves].map(([metric, { y }]) => `${metric} ${y.at(-1)?.toFixed(4) ?? "none yet"}`);
    return new Figure(panels, ends.join(", "));
  }

  private draw(form: (figure: Figure) => Parameters<DisplayHandle["update"]>[0]): void {
    if (!inNotebook()) return;
    this.drawn = Date.now();
    const shown = form(this.figure());
    if (this.handle) this.handle.update(shown);
    else this.handle = newDisplay(shown);
  }
}
