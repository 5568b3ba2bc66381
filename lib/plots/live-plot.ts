import { existsSync } from "node:fs";
import { join } from "node:path";
import { type DisplayHandle, inNotebook, newDisplay } from "../base/jupyter/display";
import { type Observer, readEvents, type TrainerEvent } from "../protocols/events";
import { scorePanels } from "./curve-panels";
import { Curves, type CurvesOptions, type CurvesPanel, curvesFigure } from "./curves";
import type { Figure } from "./figure";

/** The interval between redraws in milliseconds. */
const EVERY = 500;

/**
 * Draws curves below the running cell during a fit. It updates an SVG in place, which every front end redraws, and replaces it by the
 * interactive figure when the fit ends, so that the saved notebook contains that figure. Outside a notebook it shows nothing.
 *
 * @example
 * new LivePlot(["train_loss", "val_bps_overall"], { log: ["train_loss"] })
 *
 * @param panels the names of numbers in the events: one panel for each name or list of names. Default: the loss and every metric that
 * the run reports
 * @param options smoothing of the training curves (with faint raw curves behind them), logarithmic axes
 */
export class LivePlot implements Observer {
  private curves = new Curves();
  private handle: DisplayHandle | undefined;
  private drawn = 0;

  constructor(
    private readonly panels?: readonly CurvesPanel[],
    private readonly options: CurvesOptions = {},
  ) {}

  /** Adds an event to the curves and draws them. */
  observe(event: TrainerEvent): void {
    if (event.event === "fit_start" && event.resumed !== undefined) this.goOn(event.folder);
    this.curves.add(event);
    if (event.event === "step" || event.event === "validation") {
      if (Date.now() - this.drawn >= EVERY) this.draw((figure) => figure.svgBundle());
    }
    if (event.event === "fit_end") this.draw((figure) => figure);
  }

  /** Returns a figure of the curves so far. */
  figure(): Figure {
    const panels = this.panels ?? scorePanels(this.curves);
    return curvesFigure(this.curves, panels.length > 0 ? panels : ["train_loss"], this.options);
  }

  /** Loads the curves of a resumed run up to the step where it continues. */
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
