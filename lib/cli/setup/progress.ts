import { fitLine, shorten } from "../../base/terminal/fit-line";

const FRAMES = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

/** The time without a new line after which a log would look as if the process hung, in milliseconds. */
const SILENCE_MS = 15_000;

/** The stream for progress output, such as `process.stderr` or `process.stdout`. */
export interface Output {
  isTTY?: boolean;
  columns?: number;
  write(text: string): unknown;
}

/**
 * Reports the current activity: in a terminal as one line that is updated in place, elsewhere (a log, CI) as plain
 * lines.
 */
export class Progress {
  private title = "";
  private detail = "";
  private place = "";
  private started = 0;
  private frame = 0;
  private said = 0;
  private timer: NodeJS.Timeout | undefined;
  private readonly live: boolean;

  constructor(private readonly out: Output = process.stdout) {
    this.live = out.isTTY === true;
  }

  /** Begins an activity that takes a while; `done` or `fail` ends it. */
  begin(title: string): void {
    this.title = title;
    [this.detail, this.place] = ["", ""];
    this.started = performance.now();
    if (!this.live) {
      this.line(`- ${title} ...`);
      return;
    }
    this.timer = setInterval(() => this.draw(), 100);
    this.timer.unref();
    this.draw();
  }

  /**
   * Shows the current activity. A log gets a line only if nothing was written for a long time.
   *
   * @param place the location, such as `cell 5 of 11`; the detail then comes first, followed by the place and the title
   * if they fit
   */
  now(detail: string, place = ""): void {
    if (!this.live && performance.now() - this.said > SILENCE_MS) this.note(detail, place);
    [this.detail, this.place] = [detail, place];
  }

  /** Shows the current activity, and writes it as a line into a log. */
  note(detail: string, place = ""): void {
    [this.detail, this.place] = [detail, place];
    if (!this.live) this.line(`  ${place ? `${detail}  ${place}` : detail} (${this.elapsed()})`);
  }

  /** Ends the activity that `begin` began. */
  done(title = this.title): void {
    this.close("✓", title);
  }

  /** Ends the activity that `begin` began as failed. The caller reports the error. */
  fail(title = this.title): void {
    if (this.title !== "") this.close("✗", title);
  }

  /** Writes a line that stays. */
  line(text: string): void {
    if (this.live) this.out.write("\r\x1b[2K");
    this.out.write(`${text}\n`);
    this.said = performance.now();
  }

  private close(mark: string, title: string): void {
    clearInterval(this.timer);
    this.timer = undefined;
    this.line(`${mark} ${title} (${this.elapsed()})`);
    this.title = "";
  }

  private elapsed(): string {
    return seconds((performance.now() - this.started) / 1000);
  }

  private draw(): void {
    this.frame = (this.frame + 1) % FRAMES.length;
    const frame = FRAMES[this.frame];
    const width = (this.out.columns ?? 80) - 1;
    const title = `${this.title} (${this.elapsed()})`;
    const text = this.place
      ? fitLine(
          [
            { text: `${frame} ${this.detail}`, rank: 0 },
            { text: this.place, rank: 1 },
            { text: title, rank: 2 },
          ],
          width,
        )
      : shorten(`${frame} ${title}${this.detail ? `: ${this.detail}` : ""}`, width);
    this.out.write(`\r\x1b[2K${text}`);
  }
}

/** Formats a duration as `8 s` or `1 min 05 s`. */
export function seconds(value: number): string {
  const whole = Math.round(value);
  if (whole < 60) return value < 9.95 ? `${value.toFixed(1)} s` : `${whole} s`;
  return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, "0")} s`;
}

/** One part of the set-up. It runs unless it is done, and leaves either its complete result or none. */
export interface SetupStep {
  /** The displayed title, such as `Python packages in .venv`. */
  title: string;
  isDone(): boolean;
  /** @throws SetupError when this machine does not meet a requirement */
  run(progress: Progress): Promise<void>;
}

/**
 * A problem of this machine: no Python, no network, no disk space. The message is one line with the remedy, and is
 * shown without a stack trace.
 */
export class SetupError extends Error {
  override readonly name = "SetupError";
}
