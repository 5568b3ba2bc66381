import type { TwinFacts } from "../../lib/insilico/twin-facts";
import { UNIT_COLOURS } from "./colours";
import { Drawing } from "./drawing";
import { element, newId, panel, slider, svgElement } from "./elements";
import { drawContrast } from "./picture";
import { Screen } from "./screen";
import { ShownFile } from "./shown-file";
import { frequencyUnit, gratingRanges, type Store, type ViewState } from "./state";
import { positionsOf } from "./twin-source";

const NAMES: Readonly<Record<ViewState["stimulus"], string>> = {
  grating: "Grating",
  drawing: "Drawing",
  file: "Image or video",
};

/** The screen that the twin sees, and its controls. */
export class StimulusPanel {
  readonly root: HTMLElement;
  private readonly screen: Screen;
  private readonly drawing: Drawing;
  private readonly file: ShownFile;
  private readonly canvas: HTMLCanvasElement;
  private readonly cursor = element("div", { className: "cursor", hidden: true });
  private readonly pixels: number;

  constructor(
    facts: TwinFacts,
    private readonly store: Store,
    say: (message: string) => void,
  ) {
    const { height, width } = facts.view;
    this.pixels = height * width;
    this.screen = new Screen(facts.view);
    this.drawing = new Drawing(height, width);
    this.file = new ShownFile(height, width, () => store.set({ stimulus: "file" }), say);
    this.canvas = element("canvas", { height, width, tabIndex: 0 });
    this.canvas.setAttribute("role", "img");
    this.canvas.style.aspectRatio = `${width} / ${height}`;
    this.drawing.drawOn(this.canvas, () => store.state.stimulus === "drawing");
    const shown = element("div", { className: "screen" }, this.canvas, this.places(facts), this.cursor);
    this.file.dropOn(shown);
    const controls = {
      grating: gratingControls(facts, store),
      drawing: this.drawing.controls,
      file: this.file.controls,
    };
    this.root = panel(
      "Stimulus",
      "stimulus",
      shown,
      playButton(store),
      this.kinds(),
      ...Object.values(controls),
    );
    store.watch((state) => {
      for (const [kind, part] of Object.entries(controls)) part.hidden = kind !== state.stimulus;
      this.canvas.ariaLabel = `The stimulus: ${NAMES[state.stimulus].toLowerCase()}`;
      this.canvas.classList.toggle("drawn", state.stimulus === "drawing");
      this.file.play(state.playing && state.stimulus === "file");
    });
  }

  /** Lets time pass, and returns the frames that the twin sees then, `[lags, height, width]`. */
  advance(seconds: number): Float32Array {
    const { state } = this.store;
    this.showCursor(state.stimulus === "drawing");
    if (state.stimulus === "grating") {
      const window = this.screen.drift(seconds, state);
      drawContrast(this.canvas, window.subarray(window.length - this.pixels));
      return window;
    }
    const frame = state.stimulus === "drawing" ? this.drawing.frame.slice() : this.file.frame();
    drawContrast(this.canvas, frame);
    this.screen.advance(seconds, frame);
    return this.screen.window();
  }

  /** Marks the receptive fields of the chosen units on the screen. */
  private places(facts: TwinFacts): SVGSVGElement {
    const { height, width } = facts.view;
    const marks = svgElement("svg", { viewBox: `-0.5 -0.5 ${width} ${height}`, "aria-hidden": "true" });
    this.store.watch(({ session, units }) => {
      const positions = positionsOf(facts, session);
      const dots = units.map((unit, i) => {
        const { y, x } = positions[unit]!;
        return svgElement("circle", { cx: x, cy: y, r: width / 50, fill: UNIT_COLOURS[i]! });
      });
      marks.replaceChildren(...dots);
    });
    return marks;
  }

  private showCursor(drawing: boolean): void {
    const { row, column } = this.drawing.cursor;
    const { height, width } = this.canvas;
    this.cursor.hidden = !drawing;
    Object.assign(this.cursor.style, {
      top: `${(100 * row) / height}%`,
      left: `${(100 * column) / width}%`,
      height: `${100 / height}%`,
      width: `${100 / width}%`,
    });
  }

  private kinds(): HTMLElement {
    const { store } = this;
    const name = newId("stimulus");
    const radios = Object.entries(NAMES).map(([value, words]) => {
      const input = element("input", { type: "radio", name, value });
      input.addEventListener("change", () => store.set({ stimulus: value as ViewState["stimulus"] }));
      store.watch(({ stimulus }) => {
        input.checked = stimulus === value;
      });
      return element("label", {}, input, words);
    });
    return element("fieldset", { className: "kinds" }, element("legend", {}, "Kind"), ...radios);
  }
}

function playButton(store: Store): HTMLElement {
  const button = element("button", { type: "button", className: "play" });
  button.addEventListener("click", () => store.set({ playing: !store.state.playing }));
  store.watch(({ playing }) => {
    button.textContent = playing ? "Pause" : "Play";
  });
  return button;
}

function gratingControls(facts: TwinFacts, store: Store): HTMLElement {
  const ranges = gratingRanges(facts);
  const words = {
    direction: ["Direction", "°"],
    spatialFrequency: ["Spatial frequency", ` ${frequencyUnit(facts)}`],
    temporalFrequency: ["Speed", " Hz"],
    contrast: ["Contrast", ""],
  } as const;
  const rows = (Object.keys(words) as (keyof typeof words)[]).map((key) => {
    const [label, unit] = words[key];
    const made = slider({ label, unit, min: 0, ...ranges[key] }, (value) => store.set({ [key]: value }));
    store.watch((state) => made.show(state[key]));
    return made.row;
  });
  return element("div", { className: "sliders" }, ...rows);
}
