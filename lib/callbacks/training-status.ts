import { bar, duration, fitLine, type LinePart } from "../base/terminal/fit-line";
import type { TrainerEvent } from "../protocols/events";

type EventOf<Kind extends TrainerEvent["event"]> = Extract<TrainerEvent, { event: Kind }>;

/** The time at which a step was reached. */
interface Moment {
  at: number;
  step: number;
}

/** Numbers of an event that the line shows elsewhere or omits. */
const NOT_METRICS = [
  "event",
  "time",
  "epoch",
  "step",
  "train_loss",
  "penalty",
  "lr",
  "samples_per_s",
  "grad_norm",
];

const BAR_WIDTH = 12;

/**
 * Follows the events of a fit and describes its progress in one line: epoch, loss, every metric that the run reports,
 * time left, speed, and a progress bar. In a narrow terminal the bar is omitted first, then the speed, then metrics
 * from the last one on.
 */
export class TrainingStatus {
  private epochs = 0;
  private total = 1;
  private epoch = 0;
  private step = 0;
  private loss = Number.NaN;
  private rate = 0;
  private training = new Map<string, number>();
  private validation = new Map<string, number>();
  private start: Moment = { at: 0, step: 0 };
  /** The first report of steps. The time before it includes compilation. */
  private first: Moment | undefined;

  observe(event: TrainerEvent): void {
    switch (event.event) {
      case "fit_start":
        this.begin(event);
        return;
      case "step":
        [this.epoch, this.step, this.loss] = [event.epoch, event.step, event.train_loss];
        this.rate = event.samples_per_s;
        this.training = metricsOf(event);
        this.first ??= { at: timeOf(event), step: event.step };
        return;
      case "validation":
        [this.epoch, this.step, this.loss] = [event.epoch, event.step, event.train_loss];
        this.validation = metricsOf(event);
    }
  }

  /** The number of steps taken, as a share of all steps. */
  get share(): number {
    return Math.min(1, this.step / this.total);
  }

  /** Returns the line during the fit. @param width the largest number of columns */
  line(width: number): string {
    const epoch = { text: `epoch ${this.epoch + 1}/${this.epochs}`, rank: 0 };
    const loss = { text: Number.isNaN(this.loss) ? "" : `loss ${short(this.loss)}`, rank: 1 };
    const metrics = this.metrics(3);
    const after = 3 + metrics.length;
    const left = this.secondsLeft();
    return fitLine(
      [
        epoch,
        loss,
        ...metrics,
        { text: left === undefined ? "" : `${duration(left)} left`, rank: 2 },
        { text: this.rate > 0 ? `${Math.round(this.rate)} samples/s` : "", rank: after },
        // The infinite width of a log leaves out the bar.
        { text: Number.isFinite(width) ? bar(this.share, BAR_WIDTH) : "", rank: after + 1 },
      ],
      width,
    );
  }

  /** Returns the line at the end of the fit. @param width the largest number of columns */
  end({ stopped, step, seconds }: EventOf<"fit_end">, width: number): string {
    const ended = `${stopped} after ${step} ${step === 1 ? "step" : "steps"}, ${duration(seconds)}`;
    return fitLine([{ text: ended, rank: 0 }, ...this.metrics(1)], width);
  }

  private begin(event: EventOf<"fit_start">): void {
    const { max_epochs, steps_per_epoch, max_steps, resumed = 0 } = event;
    [this.epochs, this.total] = [max_epochs, Math.max(1, max_steps ?? max_epochs * steps_per_epoch)];
    [this.step, this.epoch] = [resumed, Math.floor(resumed / Math.max(1, steps_per_epoch))];
    [this.loss, this.rate, this.first] = [Number.NaN, 0, undefined];
    this.start = { at: timeOf(event), step: resumed };
    this.training = new Map();
    this.validation = new Map();
  }

  private metrics(firstRank: number): LinePart[] {
    const names = new Set([...this.training.keys(), ...this.validation.keys()]);
    const shown = [...this.training, ...this.validation].filter(([name]) => !isPart(name, names));
    return shown.map(([name, value], i) => ({
      text: `${name.replace(/^train_/, "")} ${short(value)}`,
      rank: firstRank + i,
    }));
  }

  private secondsLeft(): number | undefined {
    const from = this.first && this.step > this.first.step ? this.first : this.start;
    if (this.step <= from.step) return undefined;
    const each = (Date.now() - from.at) / 1000 / (this.step - from.step);
    return each * Math.max(0, this.total - this.step);
  }
}

/** Returns when an event happened, in milliseconds since 1970. Recorded events have their time. */
const timeOf = (event: TrainerEvent & { time?: number }) =>
  event.time === undefined ? Date.now() : 1000 * event.time;

function metricsOf(event: TrainerEvent): Map<string, number> {
  return new Map(
    Object.entries(event).filter(
      (entry): entry is [string, number] => typeof entry[1] === "number" && !NOT_METRICS.includes(entry[0]),
    ),
  );
}

/** Whether a metric is a part of another one: `val_bps/<session>` of `val_bps_overall`, `val_loss/<session>` of `val_loss`. */
function isPart(name: string, names: ReadonlySet<string>): boolean {
  const slash = name.indexOf("/");
  if (slash <= 0) return false;
  const whole = name.slice(0, slash);
  return whole === "train_loss" || names.has(whole) || names.has(`${whole}_overall`);
}

/** Formats a number with four decimals, or with an exponent if the four decimals would be zeros. */
function short(value: number): string {
  const size = Math.abs(value);
  return size === 0 || (size >= 1e-3 && size < 1e5) || !Number.isFinite(value)
    ? value.toFixed(size >= 1000 ? 1 : 4)
    : value.toExponential(2);
}
