import type { Callback, FitContext, Hook } from "../protocols/callback";
import type { Observer, TrainerEvent } from "../protocols/events";

/** The observers of a run. An observer that throws is not called again in this run, and the run continues. */
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

/** Calls the hooks of the callbacks that take part in a fit. */
export class Hooks {
  readonly callbacks: readonly Callback[];
  /** The callback whose hook is running. */
  running: Callback | undefined;
  private readonly observers: Observers;

  constructor(callbacks: readonly Callback[], observers: readonly Observer[]) {
    // Callbacks that write checkpoints run last, because a checkpoint holds the others' state at the same point.
    this.callbacks = [...callbacks].sort((a, b) => Number(!!a.checkpoints) - Number(!!b.checkpoints));
    this.observers = new Observers(observers);
  }

  /** Calls a hook of every callback that has it, one after another. */
  async call<H extends Hook>(
    hook: H,
    ...told: Parameters<NonNullable<Callback[H]>> extends [FitContext, ...infer Rest]
      ? [FitContext, ...Rest]
      : never
  ): Promise<void> {
    for (const callback of this.callbacks) {
      this.running = callback;
      try {
        await (callback[hook] as ((...told: unknown[]) => unknown) | undefined)?.apply(callback, told);
      } finally {
        this.running = undefined;
      }
    }
  }

  async emit(event: TrainerEvent): Promise<void> {
    return this.observers.tell(event);
  }

  async warn(message: string): Promise<void> {
    console.warn(message);
    await this.emit({ event: "warning", message });
  }
}
