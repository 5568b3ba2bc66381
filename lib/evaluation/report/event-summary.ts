import { basename } from "node:path";
import { Curves } from "../../plots/curves";
import type { EpochRecord, RecordedEvent, TrainerEvent } from "../../protocols/events";

type Recorded<Kind extends TrainerEvent["event"]> = Extract<RecordedEvent, { event: Kind }>;

/**
 * Summarises a run's events one after another. Steps go into curves that are thinned, so that a run of a million steps
 * takes no more memory than one of some thousand.
 */
export class EventSummary {
  readonly curves = new Curves();
  readonly history: EpochRecord[] = [];
  /** The last event of each checkpoint, by its file name. */
  readonly checkpoints = new Map<string, Recorded<"checkpoint">>();
  readonly pictures: Recorded<"picture">[] = [];
  /** The warnings, each message once. */
  readonly warnings = new Set<string>();
  start: Recorded<"fit_start"> | undefined;
  first: RecordedEvent | undefined;
  last: RecordedEvent | undefined;

  constructor(events: Iterable<RecordedEvent>) {
    for (const event of events) this.add(event);
  }

  private add(event: RecordedEvent): void {
    this.first ??= event;
    this.last = event;
    this.curves.add(event);
    switch (event.event) {
      case "fit_start":
        this.start ??= event;
        return;
      case "validation": {
        const { event: _, time: __, ...record } = event;
        this.history.push(record as EpochRecord);
        return;
      }
      case "checkpoint":
        this.checkpoints.set(basename(String(event.path)), event);
        return;
      case "picture":
        this.pictures.push(event);
        return;
      case "warning":
        this.warnings.add(event.message);
    }
  }
}
