import { checkbox, hbox, htmlView, select, vbox } from "../widgets";
import type { Curves } from "./curves";
import { type CurvesOptions, type CurvesPanel, curvesFigure } from "./curves-figure";
import type { Figure } from "./figure";

/** The choice of all panels. */
const ALL = "all metrics";

/** The widgets of a live plot: pause, the choice of a metric, and the last steps. */
export class LiveControls {
  private readonly pause = checkbox({ label: "pause" });
  private readonly metric = select({ options: [ALL], label: "metric" });
  private readonly last = select({
    options: {
      "all steps": Number.POSITIVE_INFINITY,
      "last 10,000": 10_000,
      "last 1,000": 1000,
      "last 100": 100,
    },
    label: "zoom",
  });
  private readonly view = htmlView();
  /** The controls above the curves. */
  readonly box = vbox(hbox(this.pause, this.metric, this.last), this.view);

  /** @param changed is called when a person changes a control */
  constructor(changed: () => void) {
    for (const control of [this.pause, this.metric, this.last]) control.onChange(changed);
  }

  /** Whether the curves stay as they are. */
  get isPaused(): boolean {
    return this.pause.value;
  }

  /** Returns the figure that a person has chosen. */
  figure(curves: Curves, panels: readonly CurvesPanel[], options: CurvesOptions): Figure {
    const chosen = this.metric.value;
    const shown = chosen === ALL ? panels : [chosen];
    return curvesFigure(curves, shown, { ...options, last: this.last.value });
  }

  /** Draws curves below the controls. */
  draw(figure: Figure, curves: Curves): void {
    const names = [ALL, ...curves.training.keys(), ...curves.validation.keys()];
    if (names.length !== this.metric.get("_options_labels").length) this.metric.replaceOptions(names);
    this.view.show(figure.svg());
  }
}
