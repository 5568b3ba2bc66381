import { drawChart } from "./chart";
import { element, panel } from "./elements";
import { frequencyUnit, gratingRanges, type Store } from "./state";
import { TuningCurve } from "./tuning-curve";
import type { TwinSource } from "./twin-source";

const DIRECTIONS = Array.from({ length: 24 }, (_, i) => 15 * i);
/** The number of spatial frequencies. */
const FREQUENCIES = 12;

/** The responses of the chosen units to directions and spatial frequencies, filled in while the stimulus plays. */
export class TuningPanel {
  readonly root: HTMLElement;
  private readonly charts: readonly { curve: TuningCurve; canvas: HTMLCanvasElement }[];

  constructor(
    source: TwinSource,
    private readonly store: Store,
  ) {
    const { max } = gratingRanges(source.facts).spatialFrequency;
    const frequencies = Array.from({ length: FREQUENCIES }, (_, i) => (max * (i + 1)) / FREQUENCIES);
    const kinds = [
      [new TuningCurve(source, "direction", DIRECTIONS), "direction (°)"],
      [
        new TuningCurve(source, "spatialFrequency", frequencies),
        `spatial frequency (${frequencyUnit(source.facts)})`,
      ],
    ] as const;
    this.charts = kinds.map(([curve]) => ({ curve, canvas: element("canvas", { className: "chart" }) }));
    const figures = this.charts.map(({ canvas }, i) => {
      const label = kinds[i]![1];
      canvas.setAttribute("role", "img");
      canvas.ariaLabel = `Responses of the chosen units by ${label}`;
      return element("figure", {}, canvas, element("figcaption", {}, label));
    });
    const words = "Responses above blank to gratings of the speed and contrast on the left.";
    this.root = panel("Tuning", "tuning", ...figures, element("p", { className: "hint" }, words));
    store.watch(() => this.draw());
  }

  /** Measures the next point of a curve. */
  async measure(): Promise<void> {
    for (const { curve } of this.charts) if (await curve.measureNext(this.store.state)) break;
    this.draw();
  }

  private draw(): void {
    const { units } = this.store.state;
    for (const { curve, canvas } of this.charts) {
      const { values, responses } = curve;
      const curves = units.map((unit, colour) => {
        return { x: values, y: values.map((_, i) => responses[i]?.[unit] ?? Number.NaN), colour };
      });
      const [first, last] = [values[0]!, values.at(-1)!];
      const middle = values[Math.floor(values.length / 2)]!;
      drawChart(canvas, curves, {
        range: [first, last],
        ticks: [first, middle, last].map((tick) => Number(tick.toPrecision(3))),
        dots: true,
      });
    }
  }
}
