import { element, panel } from "./elements";
import { drawContrast } from "./picture";
import type { Store } from "./state";
import type { GrowingInput, TwinSource } from "./twin-source";

/** The time of one frame of the movie in milliseconds: slower than the twin's clock, so that a person can follow it. */
const FRAME = 120;

/** The movie that drives a unit most: it grows in the page by gradient ascent. */
export class ExcitingPanel {
  readonly root: HTMLElement;
  private readonly movie: HTMLCanvasElement;
  private readonly strip = element("div", { className: "strip" });
  private readonly button = element("button", { type: "button" }, "Grow");
  private readonly words = element(
    "p",
    { className: "hint" },
    "The movie that drives a unit most is found from noise.",
  );
  private frames: Float32Array[] = [];
  private growing = false;
  private ending = false;

  constructor(
    private readonly source: TwinSource,
    private readonly store: Store,
  ) {
    const { height, width } = source.facts.view;
    this.movie = element("canvas", { height, width, className: "movie" });
    this.movie.setAttribute("role", "img");
    this.movie.ariaLabel = "The movie that drives the unit most";
    this.button.addEventListener("click", () => void this.toggle());
    const controls = element("div", { className: "row" }, this.button, this.words);
    this.root = panel("Most exciting input", "exciting", controls, this.movie, this.strip);
    store.watch(() => this.showButton());
  }

  /** Shows the frame of a moment, in milliseconds. */
  play(now: number): void {
    const frame = this.frames[Math.floor(now / FRAME) % this.frames.length];
    if (frame) drawContrast(this.movie, frame);
  }

  private showButton(): void {
    const { session, units } = this.store.state;
    const unit = units.at(-1);
    this.button.disabled = unit === undefined && !this.growing;
    const id = unit === undefined ? "" : ` for unit ${this.source.facts.sessions[session]!.cids[unit]}`;
    this.button.textContent = this.growing ? "Stop" : `Grow${id}`;
  }

  private async toggle(): Promise<void> {
    if (this.growing) {
      this.ending = true;
      return;
    }
    const { session, units } = this.store.state;
    const unit = units.at(-1)!;
    const id = this.source.facts.sessions[session]!.cids[unit];
    this.growing = true;
    this.ending = false;
    this.showButton();
    try {
      await this.source.grow!(session, unit, (found) => this.show(found, `unit ${id}`));
    } catch (error) {
      if (!(error instanceof Stopped))
        this.words.textContent = `It cannot be computed: ${(error as Error).message}`;
    } finally {
      this.growing = false;
      this.showButton();
    }
  }

  private show({ input, step, steps }: GrowingInput, unit: string): void {
    if (this.ending) throw new Stopped();
    const { lags, height, width } = this.source.facts.view;
    this.frames = lags.map((_, l) => input.subarray(l * height * width, (l + 1) * height * width));
    this.words.textContent = `${unit}: step ${step} of ${steps}`;
    while (this.strip.children.length < lags.length) this.strip.append(element("canvas", { height, width }));
    for (const [l, frame] of this.frames.entries())
      drawContrast(this.strip.children[l] as HTMLCanvasElement, frame);
  }
}

/** Thrown when a person has pressed stop. */
class Stopped extends Error {}
