import { element } from "./elements";
import { ExcitingPanel } from "./exciting-panel";
import { RatesPanel } from "./rates-panel";
import { Store, type ViewState } from "./state";
import { StimulusPanel } from "./stimulus-panel";
import { TuningPanel } from "./tuning-panel";
import type { TwinSource } from "./twin-source";
import { UnitMap } from "./unit-map";

/** The longest time in seconds between two frames: after a hidden tab is shown again, the stimulus goes on where it was. */
const LONGEST = 0.1;

/** The number of frames for each measured point of a tuning curve, so that the stimulus stays smooth meanwhile. */
const TUNING_EVERY = 3;

/** Shows a twin that responds to a stimulus. */
export class TwinPage {
  readonly store: Store;
  private readonly stimulus: StimulusPanel;
  private readonly units: UnitMap;
  private readonly rates: RatesPanel;
  private readonly tuning: TuningPanel;
  private readonly exciting: ExcitingPanel | undefined;
  private readonly words = element("p", { className: "status" });
  private readonly speed = element("p", { className: "speed" });
  private readonly durations: number[] = [];
  /** The stimulus to which the responses are shown. */
  private shown: { session: number; window: Float32Array } = { session: -1, window: new Float32Array(0) };
  private frames = 0;
  private closed = false;

  /** @param root the element to fill */
  constructor(
    root: HTMLElement,
    private readonly source: TwinSource,
    state: ViewState,
  ) {
    const { facts } = source;
    this.store = new Store(state);
    this.words.setAttribute("role", "status");
    this.stimulus = new StimulusPanel(facts, this.store, (message) => this.say(message));
    this.units = new UnitMap(facts, this.store);
    this.rates = new RatesPanel(facts, this.store);
    this.tuning = new TuningPanel(source, this.store);
    this.exciting = source.grow && new ExcitingPanel(source, this.store);
    const parts = [
      this.stimulus,
      this.units,
      this.rates,
      this.tuning,
      ...(this.exciting ? [this.exciting] : []),
    ];
    root.classList.add("gradbook-twin");
    root.replaceChildren(
      element("div", { className: "panels" }, ...parts.map((part) => part.root)),
      element("footer", {}, this.words, this.speed),
    );
  }

  /** Shows a message. */
  say(message: string): void {
    this.words.textContent = message;
  }

  /** Plays the stimulus until the view is closed. */
  async run(): Promise<void> {
    let before = await nextFrame();
    while (!this.closed) {
      const now = await nextFrame();
      const seconds = this.store.state.playing ? Math.min(LONGEST, (now - before) / 1000) : 0;
      before = now;
      try {
        await this.step(now, seconds);
      } catch (error) {
        this.say(`The rates cannot be computed: ${(error as Error).message}`);
        return;
      }
    }
  }

  /** Ends `run`. */
  close(): void {
    this.closed = true;
  }

  private async step(now: number, seconds: number): Promise<void> {
    await this.respond(now, seconds);
    this.exciting?.play(now);
    if (this.frames++ % TUNING_EVERY === 0) await this.tuning.measure();
  }

  /** Shows the responses to the stimulus, unless they are shown already. */
  private async respond(now: number, seconds: number): Promise<void> {
    const { session } = this.store.state;
    const window = this.stimulus.advance(seconds);
    if (session === this.shown.session && isSame(window, this.shown.window)) return;
    const start = performance.now();
    const rates = await this.source.rates(session, window);
    this.showSpeed(performance.now() - start, now);
    // The person may have chosen another session meanwhile.
    if (session !== this.store.state.session) return;
    this.shown = { session, window };
    this.units.show(rates);
    this.rates.show(rates, seconds);
  }

  private showSpeed(duration: number, now: number): void {
    if (this.durations.length === 0) performance.mark("first-response");
    this.durations.push(now, duration);
    if (this.durations.length < 120) return;
    const [frames, first, last] = [this.durations.length / 2, this.durations[0]!, this.durations.at(-2)!];
    const mean = this.durations.filter((_, i) => i % 2 === 1).reduce((a, b) => a + b, 0) / frames;
    const perSecond = (1000 * (frames - 1)) / (last - first);
    this.speed.textContent = `${this.source.place}: ${mean.toFixed(1)} ms for each response, ${perSecond.toFixed(0)} frames per second`;
    this.durations.length = 0;
  }
}

const nextFrame = () => new Promise<number>((resolve) => requestAnimationFrame(resolve));

const isSame = (a: Float32Array, b: Float32Array) =>
  a.length === b.length && a.every((value, i) => value === b[i]);
