import { type DisplayHandle, inNotebook, newDisplay } from "../base/jupyter/display";
import { BottomLine, type Screen } from "../base/terminal/bottom-line";
import type { Observer, TrainerEvent } from "../protocols/events";
import { TrainingStatus } from "./training-status";

/** The least time between two drawings below a cell, in milliseconds. Each drawing is a message to the front end. */
const EVERY = 500;

/** The width of the line below a cell, in columns: it fits a terminal of 80 columns beside a spinner. */
const CELL_COLUMNS = 76;

/** Moves to the beginning of the line and clears it. */
const WIPE = "\r\x1b[2K";

/** The options of `ProgressLine`. */
export interface ProgressLineOptions {
  /** The output stream outside of a notebook. Default: `process.stdout`. */
  out?: Screen;
  /** The text written after an interrupt. Default: how to resume in a program. */
  hint?: string;
}

const HINT = 'To continue from here, fit again with resume: "auto" instead of overwrite.';

/**
 * Shows the progress of the fit in one line: epoch, loss, every reported metric, time left, speed. Below a cell and in
 * a terminal the line is redrawn in place and fits the width of the terminal. When the output is a file, it writes one
 * line per epoch.
 *
 * @example
 * callbacks: [new ProgressLine()]
 */
export class ProgressLine implements Observer {
  private readonly status = new TrainingStatus();
  private readonly out: Screen;
  private readonly hint: string;
  private readonly bottom: BottomLine;
  private handle: DisplayHandle | undefined;
  private drawn = 0;
  private line = "";
  /** The epoch of the last steps, if its line is still to be written into a log. */
  private unsaid: number | undefined;

  constructor({ out = process.stdout, hint = HINT }: ProgressLineOptions = {}) {
    this.out = out;
    this.hint = hint;
    this.bottom = new BottomLine(out);
  }

  /** Draws the line after an event. */
  observe(event: TrainerEvent): void {
    if (!this.inPlace) this.writeEpochBefore(event);
    this.status.observe(event);
    switch (event.event) {
      case "fit_start":
        [this.drawn, this.handle, this.unsaid] = [0, undefined, undefined];
        return;
      case "step":
        if (this.onTerminal || (inNotebook() && Date.now() - this.drawn >= EVERY))
          this.draw(this.status.line(this.width));
        return;
      case "validation":
        if (this.inPlace) this.draw(this.status.line(this.width));
        else this.writeEpoch();
        return;
      case "fit_end":
        this.draw(this.status.end(event, this.width));
        this.close();
        if (event.stopped === "interrupted") this.say(this.hint);
    }
  }

  /** Restores the terminal, also after a fit that failed. */
  close(): void {
    if (this.onTerminal && this.line !== "") this.bottom.screen.write("\n");
    this.line = "";
    this.bottom.end();
  }

  private say(text: string): void {
    if (inNotebook()) newDisplay({ "text/plain": text });
    else this.out.write(`${text}\n`);
  }

  /** In a log, writes the line of an epoch without a validation when the next epoch begins. */
  private writeEpochBefore(event: TrainerEvent): void {
    if (event.event !== "step") return;
    if (this.unsaid !== undefined && event.epoch > this.unsaid) this.writeEpoch();
    this.unsaid = event.epoch;
  }

  private writeEpoch(): void {
    this.unsaid = undefined;
    this.draw(this.status.line(this.width));
  }

  private get onTerminal(): boolean {
    return !inNotebook() && this.out.isTTY === true;
  }

  private get inPlace(): boolean {
    return inNotebook() || this.onTerminal;
  }

  private get width(): number {
    if (inNotebook()) return CELL_COLUMNS;
    return this.onTerminal ? (this.out.columns ?? 80) - 1 : Number.POSITIVE_INFINITY;
  }

  private draw(line: string): void {
    this.drawn = Date.now();
    if (inNotebook()) {
      const bundle = { "text/plain": line };
      if (this.handle) this.handle.update(bundle);
      else this.handle = newDisplay(bundle);
      return;
    }
    if (!this.onTerminal) {
      this.out.write(`${line}\n`);
      return;
    }
    this.line = line;
    const { screen } = this.bottom;
    this.bottom.begin({
      wipe: () => screen.write(WIPE),
      draw: () => screen.write(`${WIPE}${this.line}`),
    });
    screen.write(`${WIPE}${line}`);
  }
}
