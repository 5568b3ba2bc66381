import { existsSync } from "node:fs";
import { join } from "node:path";
import { type DisplayHandle, inNotebook, newDisplay } from "../base/jupyter";
import { type Observer, readEvents, type TrainerEvent } from "../protocols/events";
import { scorePanels } from "./curve-panels";
import { Curves, type CurvesOptions, type CurvesPanel, curvesFigure } from "./curves";
import type { Figure } from "./figure";

/** How often the plot is drawn again, in milliseconds. */
const EVERY = 500;

/**
 * Draws curves below the running cell while the fit goes on: an SVG in place, which every front end redraws, and when
 * the fit ends the interactive figure instead, which is what the saved notebook keeps. Outside a notebook it is silent.
 *
 * @example
 * new LivePlot(["train_loss", "val_bps_overall"], { log: ["train_loss"] })
 *
 * @param panels names of numbers in the events; a panel each, or one for a list of names. Default: the loss and every metric that
 * the run reports
 * @param options smoothing of the training curves (raw ones stand faint behind), logarithmic axes
 */
export class LivePlot implements Observer {
  private curves = new Curves();
  private handle: DisplayHandle | undefined;
  private drawn = 0;

  constructor(
    private readonly panels?: readonly CurvesPanel[],
    private readonly options: CurvesOptions = {},
  ) {}

  observe(event: TrainerEvent): void {
    if (event.event === "fit_start" && event.resumed !== undefined) this.goOn(event.folder);
    this.curves.add(event);
    if (event.event === "step" || event.event === "validation") {
      if (Date.now() - this.drawn >= EVERY) this.draw((figure) => figure.svgBundle());
    }
    if (event.event === "fit_end") this.draw((figure) => figure);
  }

  /** The curves so far. */
  figure(): Figure {
    const panels = this.panels ?? scorePanels(this.curves);
    return curvesFigure(this.curves, panels.length > 0 ? panels : ["train_loss"], this.options);
  }

  /** Takes over the curves of a resumed run up to where it goes on. */
  private goOn(folder: string): void {
    const path = join(folder, "events.jsonl");
    if (existsSync(path)) this.curves = new Curves(readEvents(path));
  }

  private draw(form: (figure: Figure) => Parameters<DisplayHandle["update"]>[0]): void {
    if (!inNotebook()) return;
    this.drawn = Date.now();
    const shown = form(this.figure());
    if (this.handle) this.handle.update(shown);
    else this.handle = newDisplay(shown);
  }
}
