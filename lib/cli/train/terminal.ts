import { SingleBar } from "cli-progress";
import { duration } from "../../report/open-run";
import { BottomLine, type Screen } from "../../terminal/bottom-line";
import type { Observer, TrainerEvent } from "../../trainer/events";

const FORMAT = "{bar} {percentage}% | epoch {epoch} | loss {loss} | {score}{rate} samples/s | {left} left";

/** To the beginning of the line, and nothing in it. */
const WIPE = "\r\x1b[2K";

/** A bar over all steps, with loss, bits per spike, rate and time left; where there is no terminal, a line per epoch. */
export class TrainProgress implements Observer {
  private readonly bar: SingleBar | undefined;
  private readonly bottom: BottomLine;
  private epochs = 0;
  private total = 1;
  private started = 0;
  private first = 0;
  private score = "";
  private rate = 0;

  /** @param out where it is told */
  constructor(private readonly out: Screen = process.stderr) {
    this.bottom = new BottomLine(out);
    if (out.isTTY)
      this.bar = new SingleBar({
        format: FORMAT,
        stream: this.bottom.screen,
        barsize: 24,
        barCompleteChar: "█",
        barIncompleteChar: "░",
        hideCursor: true,
        forceRedraw: true,
        gracefulExit: false,
      });
  }

  observe(event: TrainerEvent): void {
    switch (event.event) {
      case "fit_start": {
        const { name, parameters, max_epochs, steps_per_epoch } = event;
        this.epochs = max_epochs;
        this.total = max_epochs * steps_per_epoch;
        const size = `${parameters} parameters, ${max_epochs} epochs of ${steps_per_epoch} steps`;
        this.out.write(`${name}: ${size}\n`);
        this.bar?.start(this.total, 0, { epoch: "", loss: "", score: "", rate: "", left: "" });
        if (this.bar)
          this.bottom.begin({ wipe: () => this.bottom.screen.write(WIPE), draw: () => this.bar?.render() });
        return;
      }
      case "step": {
        if (this.started === 0) [this.started, this.first] = [Date.now(), event.step];
        this.rate = Math.round(event.samples_per_s);
        this.bar?.update(event.step, {
          epoch: `${event.epoch + 1}/${this.epochs}`,
          loss: event.train_loss.toFixed(4),
          score: this.score && `${this.score} bits/spike | `,
          rate: this.rate,
          left: this.left(event.step),
        });
        return;
      }
      case "validation": {
        const bps = event.val_bps_overall;
        this.score = typeof bps === "number" ? bps.toFixed(4) : "";
        if (this.bar) return;
        const parts = [
          `epoch ${event.epoch + 1}/${this.epochs}`,
          `loss ${event.train_loss.toFixed(4)}`,
          ...(this.score ? [`${this.score} bits/spike`] : []),
          `${this.rate} samples/s`,
          `${this.left(event.step)} left`,
        ];
        this.out.write(`${parts.join("  ")}\n`);
        return;
      }
      case "fit_end":
        this.close();
    }
  }

  /** Leaves the terminal as it was, also where a run failed. */
  close(): void {
    this.bottom.end();
    this.bar?.stop();
  }

  private left(step: number): string {
    if (step <= this.first) return "?";
    return duration((((Date.now() - this.started) / (step - this.first)) * (this.total - step)) / 1000);
  }
}
