import { type DisplayHandle, inNotebook, newDisplay } from "../jupyter";
import { BottomLine } from "../terminal/bottom-line";
import type { Observer, TrainerEvent } from "../trainer/events";

/** How often the line is drawn again, in milliseconds. */
const EVERY = 500;

/**
 * One line that tells how the fit goes: epoch, step, loss, metrics, samples per second, time left. Below a cell and in a
 * terminal it is drawn in place; where output is a file, a line per epoch.
 */
export class ProgressLine implements Observer {
  private total = 0;
  private epochs = 0;
  private started = 0;
  /** The step that this part of the run began with. */
  private from = 0;
  private drawn = 0;
  private metrics = "";
  private line = "";
  private handle: DisplayHandle | undefined;
  private readonly bottom = new BottomLine(process.stdout);

  observe(event: TrainerEvent): void {
    switch (event.event) {
      case "fit_start":
        this.epochs = event.max_epochs;
        this.total = event.max_epochs * event.steps_per_epoch;
        [this.from, this.started] = [event.resumed ?? 0, Date.now()];
        return;
      case "step": {
        const { epoch, step, train_loss, samples_per_s } = event;
        if (Date.now() - this.drawn < EVERY || !this.inPlace) return;
        const left = ((Date.now() - this.started) / Math.max(1, step - this.from)) * (this.total - step);
        const bar = progressBar(step / this.total);
        const speed = `${Math.round(samples_per_s)} samples/s, ${duration(left)} left`;
        this.draw(`${bar} ${this.status(epoch, train_loss)}${speed}`);
        return;
      }
      case "validation": {
        const bps = event.val_bps_overall;
        this.metrics = typeof bps === "number" ? `val_bps_overall ${bps.toFixed(4)}  ` : "";
        if (!this.inPlace) this.draw(this.status(event.epoch, event.train_loss));
        return;
      }
      case "fit_end":
        this.draw(
          `${event.stopped} after ${event.step} steps, ${duration(event.seconds * 1000)}  ${this.metrics}`,
        );
        this.bottom.end();
        if (this.terminal) process.stdout.write("\n");
    }
  }

  private status(epoch: number, loss: number): string {
    return `epoch ${epoch + 1}/${this.epochs}  loss ${loss.toFixed(4)}  ${this.metrics}`;
  }

  private get terminal(): boolean {
    return !inNotebook() && process.stdout.isTTY;
  }

  private get inPlace(): boolean {
    return inNotebook() || process.stdout.isTTY;
  }

  private draw(line: string): void {
    this.drawn = Date.now();
    if (this.terminal) {
      this.line = line;
      const wipe = () => this.bottom.screen.write("\r\x1b[2K");
      const draw = () => {
        wipe();
        this.bottom.screen.write(this.line.slice(0, process.stdout.columns - 1));
      };
      this.bottom.begin({ wipe, draw });
      draw();
      return;
    }
    const bundle = { "text/plain": line };
    if (this.handle) this.handle.update(bundle);
    else this.handle = newDisplay(bundle);
  }
}

function progressBar(share: number, width = 20): string {
  const full = Math.round(Math.min(1, share) * width);
  return `${"█".repeat(full)}${"░".repeat(width - full)} ${Math.round(100 * share)}%`;
}

function duration(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
