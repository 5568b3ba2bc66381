import type { Callback, FitContext, Hook } from "../protocols/callback";
import type { Observer, TrainerEvent } from "../protocols/events";
import { Observers } from "./observers";

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
