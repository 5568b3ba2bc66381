import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isLocked } from "../../base/files/lock";
import { Tail } from "../../base/files/tail";
import { type DisplayHandle, inNotebook, newDisplay } from "../../base/jupyter";
import { ProgressLine } from "../../callbacks/progress";
import { curvePanels } from "../../plots/curve-panels";
import { Curves, type CurvesOptions, type CurvesPanel, curvesFigure } from "../../plots/curves";
import { parseEvent, type RecordedEvent } from "../../protocols/events";
import { LOCK } from "../../trainer/checkpoint/run-folder";
import { StopSignal } from "../../trainer/stop";

/** How often a run's folder is looked at, in milliseconds. */
const EVERY = 300;
/** Least time between two drawings, in milliseconds. */
const DRAW_EVERY = 500;

/** Events that were added since the last look, if any; `replaced`: the file is a new one, and these are its first. */
interface News {
  readonly events: readonly RecordedEvent[];
  readonly replaced: boolean;
}

/**
 * Yields the events of a run that goes on in another process: those that there are, and new ones as they are written. Events that
 * a resumed run takes back are not yielded again. Ends with the run, when its process is gone (with a warning), or when it
 * is interrupted (Ctrl-C, the notebook's stop button, `signal`).
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

/** How a run is shown while it is followed. */
export interface FollowOptions extends CurvesOptions {
  /** Names of numbers in the events; a panel each, or one for a list of names. Default: all there are. */
  panels?: readonly CurvesPanel[];
  /** Ends the following when it is aborted. */
  signal?: AbortSignal;
}

/** Shows a run that goes on in another process: in a notebook its curves, and everywhere a line that says how it goes. */
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

/** Of steps that are read at once the last one says how far the run is; an end that was not the end is none. */
function summed(events: readonly RecordedEvent[]): RecordedEvent[] {
  return events.filter(({ event }, i) => {
    const next = events[i + 1]?.event;
    return !(event === "step" && next === "step") && !(event === "fit_end" && next !== undefined);
  });
}

/** Looks at a run's folder again and again, until the run or the following ends. */
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
      // Once the process is gone, the folder is looked at one more time: for the last events that it wrote.
      held = isLocked(join(folder, LOCK));
      await sleep(held && !more ? EVERY : 0);
    }
  } finally {
    signal.release();
  }
}

function warnOfLoss(folder: string): void {
  console.warn(
    `${folder}: the process that trained it is gone, and the run has not ended; go on with it by \`resume: "auto"\``,
  );
}

/** Curves below the running cell: an SVG in place, at the end the interactive figure. */
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
