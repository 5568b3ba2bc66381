import type { TwinFacts, UnitPosition } from "../../lib/insilico/twin-facts";
import { cividis, UNIT_COLOURS } from "./colours";
import { ARROWS, element, newId, panel, svgElement } from "./elements";
import { MOST_UNITS, type Store } from "./state";
import { positionsOf } from "./twin-source";

/** A map of the receptive fields of a session's units, on which a person chooses units. It shows the part of the stimulus with units. */
export class UnitMap {
  readonly root: HTMLElement;
  private readonly map: SVGSVGElement;
  private places: readonly UnitPosition[] = [];
  private dots: SVGCircleElement[] = [];
  /** The unit on which the keyboard acts. */
  private current = 0;
  /** The largest rate of each unit so far, which counts as 1 in the colours. */
  private largest = new Float32Array(0);
  private readonly words = element("p", { className: "hint" });

  constructor(
    private readonly facts: TwinFacts,
    private readonly store: Store,
  ) {
    this.map = svgElement("svg", {
      role: "listbox",
      tabindex: 0,
      "aria-label": "Units at their receptive fields",
      "aria-multiselectable": "true",
    });
    this.map.addEventListener("keydown", (event) => this.onKey(event));
    this.map.addEventListener("focus", () => this.showCurrent());
    this.root = panel("Units", "units", this.sessions(), this.map, this.words, legend());
    store.watch((state, before) => {
      if (state.session !== before.session || this.dots.length === 0) this.placeUnits();
      this.showChosen();
    });
  }

  /** Colours the units by their rates. */
  show(rates: ArrayLike<number>): void {
    for (const [unit, dot] of this.dots.entries()) {
      const rate = Math.max(0, rates[unit]!);
      this.largest[unit] = Math.max(this.largest[unit]!, rate);
      dot.setAttribute("fill", cividis(rate / (this.largest[unit]! || 1)));
    }
  }

  private placeUnits(): void {
    const { sessions, view } = this.facts;
    const { session, units } = this.store.state;
    const { cids } = sessions[session]!;
    this.places = positionsOf(this.facts, session);
    this.current = units[0] ?? 0;
    this.largest = new Float32Array(cids.length);
    const region = regionOf(this.places);
    const radius = (0.22 * region.size) / Math.sqrt(Math.max(16, cids.length));
    this.dots = this.places.map(({ y, x }, unit) => {
      const dot = svgElement("circle", { cx: x, cy: y, r: radius, role: "option", id: `${this.id}-${unit}` });
      dot.setAttribute("aria-label", `unit ${cids[unit]}`);
      dot.append(svgElement("title"));
      dot.firstElementChild!.textContent = `unit ${cids[unit]}`;
      dot.addEventListener("click", () => this.toggle(unit));
      return dot;
    });
    this.map.setAttribute("viewBox", `${region.x} ${region.y} ${region.size} ${region.size}`);
    this.map.style.setProperty("--line-width", String(region.size / 400));
    const { height, width } = view;
    const frame = svgElement("rect", { x: -0.5, y: -0.5, width, height, class: "frame" });
    this.map.replaceChildren(frame, ...this.dots);
  }

  private readonly id = newId("units");

  private toggle(unit: number): void {
    const { units } = this.store.state;
    this.current = unit;
    if (units.includes(unit)) this.store.set({ units: units.filter((one) => one !== unit) });
    else this.store.set({ units: [...units, unit].slice(-MOST_UNITS) });
    this.showCurrent();
  }

  private onKey(event: KeyboardEvent): void {
    const direction = ARROWS[event.key];
    const last = this.dots.length - 1;
    if (direction) this.current = this.next(...direction);
    else if (event.key === "Home") this.current = 0;
    else if (event.key === "End") this.current = last;
    else if (event.key === " " || event.key === "Enter") this.toggle(this.current);
    else return;
    event.preventDefault();
    this.showCurrent();
  }

  /** Returns the nearest unit in a direction: distance along it counts once, distance beside it twice. */
  private next(dy: number, dx: number): number {
    const from = this.places[this.current]!;
    let [best, least] = [this.current, Number.POSITIVE_INFINITY];
    for (const [unit, { y, x }] of this.places.entries()) {
      const along = (y - from.y) * dy + (x - from.x) * dx;
      const beside = Math.abs((y - from.y) * dx) + Math.abs((x - from.x) * dy);
      if (along > 1e-6 && along + 2 * beside < least) [best, least] = [unit, along + 2 * beside];
    }
    return best;
  }

  private showCurrent(): void {
    this.map.setAttribute("aria-activedescendant", this.dots[this.current]!.id);
    for (const [unit, dot] of this.dots.entries()) dot.classList.toggle("current", unit === this.current);
  }

  private showChosen(): void {
    const { units, session } = this.store.state;
    const { cids } = this.facts.sessions[session]!;
    for (const [unit, dot] of this.dots.entries()) {
      const place = units.indexOf(unit);
      dot.setAttribute("aria-selected", String(place >= 0));
      dot.classList.toggle("chosen", place >= 0);
      dot.style.stroke = place >= 0 ? UNIT_COLOURS[place]! : "";
    }
    const ids = units.map((unit) => cids[unit]);
    this.words.textContent = `Chosen: ${ids.join(", ") || "none"}. Click units, or use the arrow keys and the space bar.`;
  }

  private sessions(): HTMLElement {
    const options = this.facts.sessions.map(({ name, cids }, i) =>
      element("option", { value: String(i) }, `${name} (${cids.length} units)`),
    );
    const select = element("select", {}, ...options);
    select.addEventListener("change", () => this.store.set({ session: Number(select.value), units: [0] }));
    this.store.watch(({ session }) => {
      select.value = String(session);
    });
    return element("label", { className: "row" }, "Session ", select);
  }
}

/** The least side of a map in pixels of the stimulus. */
const LEAST_SIDE = 4;

/** Returns the square around some places, with a margin. */
function regionOf(places: readonly UnitPosition[]): { y: number; x: number; size: number } {
  const [ys, xs] = [places.map(({ y }) => y), places.map(({ x }) => x)];
  const [top, left] = [Math.min(...ys), Math.min(...xs)];
  const [height, width] = [Math.max(...ys) - top, Math.max(...xs) - left];
  const size = 1.25 * Math.max(LEAST_SIDE, height, width);
  return { y: top + (height - size) / 2, x: left + (width - size) / 2, size };
}

function legend(): HTMLElement {
  const bar = element("span", { className: "ramp" });
  return element("p", { className: "hint" }, "rate: 0 ", bar, " the unit's largest so far");
}
