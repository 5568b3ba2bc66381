import type { Observer, TrainerEvent } from "../protocols/events";

/** The observers of a run. An observer that throws is not called again in this run, and the run goes on. */
export class Observers {
  private readonly failed = new Set<Observer>();

  constructor(private readonly observers: readonly Observer[]) {}

  async tell(event: TrainerEvent): Promise<void> {
    for (const observer of this.observers) {
      if (this.failed.has(observer)) continue;
      try {
        await observer.observe(event);
      } catch (error) {
        this.failed.add(observer);
        console.warn(`${observer.constructor.name} failed and is left out of the rest of the run:`, error);
      }
    }
  }
}
