import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Tail } from "../../base/files/lines";
import { isLocked } from "../../base/files/lock";
import { type DisplayHandle, inNotebook, newDisplay } from "../../base/jupyter/display";
import { ProgressLine } from "../../callbacks/progress";
import { curvePanels } from "../../plots/curve-panels";
import { Curves } from "../../plots/curves";
import { type CurvesOptions, type CurvesPanel, curvesFigure } from "../../plots/curves-figure";
import { parseEvent, type RecordedEvent } from "../../protocols/events";
import { LOCK } from "../../trainer/checkpoint/run-folder";
import { StopSignal } from "../../trainer/stop";

/** The time between two looks at a run's folder, in milliseconds. */
const EVERY = 300;
/** The least time between two drawings, in milliseconds. */
const DRAW_EVERY = 500;

/**
 * The events that were added since the last look. `replaced` means that the file is a new one, and these are its first
 * events.
 */
interface News {
  readonly events: readonly RecordedEvent[];
  readonly replaced: boolean;
}

/**
 * Yields the events of a run in another process: first the existing events, then new ones as they are written. When a
 * resumed run rewinds to its checkpoint, earlier events are not yielded again. Ends with the run, when its process is
 * gone (with a warning), or on an interrupt (Ctrl-C, the notebook's stop button, `signal`).
 *
 * @param folder the run's folder
 * @example
 * for await (const event of followEvents("runs/demo")) if (event.event === "validation") console.log(event.val_loss);
 */
export async function* followEvents(
  folder: string,
  { signal }: { signal?: AbortSignal } = {},
): AsyncGenerator<RecordedEvent, void> {
  let last = Number.NEGATIVE_INFINITY;
  let known = false;
  for await (const { events, replaced } of newsOf(folder, signal)) {
    known ||= replaced;
    for (const event of events) {
      if (signal?.aborted) return;
      // A resumed run keeps the events up to its checkpoint.
      known &&= event.time <= last;
      if (known) continue;
      last = event.time;
      yield event;
    }
  }
}

/** The options of `followRun`. */
export interface FollowOptions extends CurvesOptions {
  /**
   * The numbers to plot, by their names in the events: one panel for each name or list of names. Default: all numbers.
   */
  panels?: readonly CurvesPanel[];
  /** Stops following when it is aborted. */
  signal?: AbortSignal;
}

/** Shows a run in another process: its curves in a notebook, and a line with its progress everywhere. */
export async function followRun(
  folder: string,
  { panels, signal, ...options }: FollowOptions,
): Promise<void> {
  const plot = new FollowedPlot(panels, options);
  const line = new ProgressLine();
  try {
    for await (const news of newsOf(folder, signal)) {
      plot.add(news);
      for (const event of summed(news.events)) line.observe(event);
    }
  } finally {
    plot.end();
    line.close();
  }
}

/**
 * Keeps only the last step of a group of events that is read at once, and drops a `fit_end` that another event follows.
 */
function summed(events: readonly RecordedEvent[]): RecordedEvent[] {
  return events.filter(({ event }, i) => {
    const next = events[i + 1]?.event;
    return !(event === "step" && next === "step") && !(event === "fit_end" && next !== undefined);
  });
}

/** Polls a run's folder until the run ends or following stops. */
async function* newsOf(folder: string, given: AbortSignal | undefined): AsyncGenerator<News, void> {
  const tail = new Tail(join(folder, "events.jsonl"));
  const signal = new StopSignal();
  await signal.listen(given);
  let last: RecordedEvent | undefined;
  let held = true;
  try {
    for (;;) {
      const { lines, replaced, more } = tail.read();
      const events = lines.flatMap((line) => parseEvent(line) ?? []);
      yield { events, replaced };
      last = events.at(-1) ?? last;
      if (signal.reason || (last?.event === "fit_end" && !more)) return;
      if (!more && !held) {
        warnOfLoss(folder);
        return;
      }
      // After the process has ended, the folder is read one more time for its last events.
      held = isLocked(join(folder, LOCK));
      await sleep(held && !more ? EVERY : 0);
    }
  } finally {
    signal.release();
  }
}

function warnOfLoss(folder: string): void {
  console.warn(
    `${folder}: the process that trained it is gone, and the run has not ended; resume it with \`resume: "auto"\``,
  );
}

/** Curves below the running cell: an SVG that is updated in place, then the interactive figure. */
class FollowedPlot {
  private curves = new Curves();
  private handle: DisplayHandle | undefined;
  private drawn = 0;
  private changed = false;

  constructor(
    private readonly panels: readonly CurvesPanel[] | undefined,
    private readonly options: CurvesOptions,
  ) {}

  add({ events, replaced }: News): void {
    if (replaced) this.curves = new Curves();
    for (const event of events) this.curves.add(event);
    this.changed ||= events.length > 0;
    if (!this.changed || Date.now() - this.drawn < DRAW_EVERY) return;
    this.changed = false;
    this.show(this.figure().svgBundle());
  }

  end(): void {
    this.show(this.figure());
  }

  private figure() {
    return curvesFigure(this.curves, this.panels ?? curvePanels(this.curves), this.options);
  }

  private show(shown: Parameters<DisplayHandle["update"]>[0]): void {
    if (!inNotebook()) return;
    this.drawn = Date.now();
    if (this.handle) this.handle.update(shown);
    else this.handle = newDisplay(shown);
  }
}
