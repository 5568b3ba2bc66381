import type { TwinFacts } from "../../lib/insilico/twin-facts";
import { drawChart } from "./chart";
import { UNIT_COLOURS } from "./colours";
import { element, panel } from "./elements";
import type { Store } from "./state";

/** The time in seconds over which rates are shown. */
const SECONDS = 3;

interface Moment {
  readonly time: number;
  readonly rates: Float32Array;
}

/** The rates of the chosen units over the last seconds. */
export class RatesPanel {
  readonly root: HTMLElement;
  private readonly canvas = element("canvas", { className: "chart" });
  private readonly list = element("ul", { className: "rates" });
  private moments: Moment[] = [];
  private time = 0;

  constructor(
    private readonly facts: TwinFacts,
    private readonly store: Store,
  ) {
    this.canvas.setAttribute("role", "img");
    this.canvas.ariaLabel = "Rates of the chosen units over the last seconds";
    this.root = panel("Rates per bin", "rates-panel", this.canvas, this.list);
    store.watch((state, before) => {
      if (state.session !== before.session) this.moments = [];
      this.listUnits();
    });
  }

  /** Adds the rates of the session's units after some seconds of the stimulus, and draws. */
  show(rates: Float32Array, seconds: number): void {
    this.time += seconds;
    this.moments.push({ time: this.time, rates });
    while (this.moments[0]!.time < this.time - SECONDS) this.moments.shift();
    const { units } = this.store.state;
    const x = this.moments.map(({ time }) => time - this.time);
    const curves = units.map((unit, colour) => {
      return { x, y: this.moments.map(({ rates }) => rates[unit]!), colour };
    });
    drawChart(this.canvas, curves, { range: [-SECONDS, 0], ticks: [-3, -2, -1], unit: " s" });
    for (const [i, unit] of units.entries())
      this.list.children[i]!.lastElementChild!.textContent = rates[unit]!.toFixed(3);
  }

  private listUnits(): void {
    const { session, units } = this.store.state;
    const { cids } = this.facts.sessions[session]!;
    const rows = units.map((unit, i) => {
      const swatch = element("span", { className: "swatch" });
      swatch.style.background = UNIT_COLOURS[i]!;
      return element("li", {}, swatch, `unit ${cids[unit]} `, element("span", { className: "value" }));
    });
    this.list.replaceChildren(...rows);
  }
}
