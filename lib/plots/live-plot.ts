import { existsSync } from "node:fs";
import { join } from "node:path";
import { type DisplayHandle, inNotebook, newDisplay } from "../base/jupyter/display";
import { type Observer, readEvents, type TrainerEvent } from "../protocols/events";
import { kernelComms } from "../widgets/comm";
import { scorePanels } from "./curve-panels";
import { Curves } from "./curves";
import { type CurvesOptions, type CurvesPanel, curvesFigure } from "./curves-figure";
import type { Figure } from "./figure";
import { LiveControls } from "./live-controls";

/** The interval between redraws in milliseconds. */
const EVERY = 500;

/** Options of `LivePlot`. */
export interface LivePlotOptions extends CurvesOptions {
  /** Whether widgets above the curves pause them and choose a metric and the last steps. They need gradbook's kernel. Default false */
  controls?: boolean;
}

/**
 * Draws curves below the running cell during a fit. It updates an SVG in place, which every front end redraws, and replaces it by the
 * interactive figure when the fit ends, so that the saved notebook contains that figure. Outside a notebook it shows nothing.
 *
 * @example
 * new LivePlot(["train_loss", "val_bps_overall"], { log: ["train_loss"] })
 *
 * @param panels the names of numbers in the events: one panel for each name or list of names. Default: the loss and every metric that
 * the run reports
 * @param options smoothing of the training curves (with faint raw curves behind them), logarithmic axes, controls
 */
export class LivePlot implements Observer {
  private curves = new Curves();
  private handle: DisplayHandle | undefined;
  private drawn = 0;
  private readonly controls: LiveControls | undefined;

  constructor(
    private readonly panels?: readonly CurvesPanel[],
    private readonly options: LivePlotOptions = {},
  ) {
    if (options.controls && kernelComms()) this.controls = new LiveControls(() => this.drawNow());
  }

  /** Adds an event to the curves and draws them. */
  observe(event: TrainerEvent): void {
    if (event.event === "fit_start" && event.resumed !== undefined) this.goOn(event.folder);
    this.curves.add(event);
    if (event.event === "step" || event.event === "validation") {
      if (Date.now() - this.drawn >= EVERY && !this.controls?.isPaused) this.drawNow();
    }
    if (event.event === "fit_end") this.show(this.figure());
  }

  /** Returns a figure of the curves so far. */
  figure(): Figure {
    return curvesFigure(this.curves, this.shownPanels, this.options);
  }

  private get shownPanels(): readonly CurvesPanel[] {
    const panels = this.panels ?? scorePanels(this.curves);
    return panels.length > 0 ? panels : ["train_loss"];
  }

  /** Loads the curves of a resumed run up to the step where it continues. */
  private goOn(folder: string): void {
    const path = join(folder, "events.jsonl");
    if (existsSync(path)) this.curves = new Curves(readEvents(path));
  }

  private drawNow(): void {
    const { controls, curves } = this;
    if (!controls) {
      this.show(this.figure().svgBundle());
      return;
    }
    controls.draw(controls.figure(curves, this.shownPanels, this.options), curves);
    this.drawn = Date.now();
    if (!this.handle) this.show(controls.box);
  }

  private show(shown: unknown): void {
    if (!inNotebook()) return;
    this.drawn = Date.now();
    if (this.handle) this.handle.update(shown);
    else this.handle = newDisplay(shown);
  }
}
