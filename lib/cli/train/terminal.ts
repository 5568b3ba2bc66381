import { SingleBar } from "cli-progress";
import { duration } from "../../report/open-run";
import type { Observer, TrainerEvent } from "../../trainer/events";

const FORMAT = "{bar} {percentage}% | epoch {epoch} | loss {loss} | {score}{rate} samples/s | {left} left";

/** Where it is told; `process.stderr` fits. */
export interface Terminal extends NodeJS.WritableStream {
  isTTY?: boolean;
}

/** A bar over all steps, with loss, bits per spike, rate and time left; where there is no terminal, a line per epoch. */
export class TrainProgress implements Observer {
  private readonly bar: SingleBar | undefined;
  private epochs = 0;
  private total = 1;
  private started = 0;
  private first = 0;
  private score = "";
  private rate = 0;

  constructor(private readonly out: Terminal = process.stderr) {
    if (out.isTTY)
      this.bar = new SingleBar({
        format: FORMAT,
        stream: out,
        barsize: 24,
        barCompleteChar: "█",
        barIncompleteChar: "░",
        hideCursor: true,
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
        this.bar?.stop();
    }
  }

  private left(step: number): string {
    if (step <= this.first) return "?";
    return duration((((Date.now() - this.started) / (step - this.first)) * (this.total - step)) / 1000);
  }
}
