import { Interrupted } from "../output/owner";
import { SHARED } from "../sockets/mail";

/** The key under which code in a cell finds the AbortSignal of that cell. */
const SIGNAL = Symbol.for("gradbook.signal");

/**
 * The stop button, as an AbortSignal for each cell. Training listens for this signal (or for SIGINT, as in a terminal),
 * saves and returns. A cell with a listener gets time to stop; a cell without one is ended.
 */
export class StopButton {
  private controller = new AbortController();
  /** The number of listeners to the running cell's signal. */
  private listeners = 0;
  /** Whether a listener received the interrupt. It may have been removed since, and still counts. */
  private wasHeard = false;

  constructor(private readonly shared: Int32Array) {
    process.on("SIGINT", ignoreSigint);
    // Node calls this before a listener is added and after it is removed.
    const onListener = (name: string | symbol) => {
      if (name === "SIGINT") queueMicrotask(() => this.update());
    };
    process.on("newListener", onListener);
    process.on("removeListener", (name, listener) => {
      // If a cell removes all listeners, it removes this one too, and the next signal would end the kernel. It is
      // therefore added again.
      if (listener === ignoreSigint) process.on("SIGINT", ignoreSigint);
      onListener(name);
    });
  }

  get pressed(): boolean {
    return this.controller.signal.aborted;
  }

  /** The number of listeners to SIGINT, such as a training's, whichever cell has added them. */
  get processListeners(): number {
    return interruptListeners().length;
  }

  /** Starts a cell with a new signal. */
  begin(): void {
    const controller = new AbortController();
    const { signal } = controller;
    const count = (type: string, by: number) => {
      // Listeners of an earlier cell do not delay the end of this one.
      if (type !== "abort" || this.controller !== controller) return;
      this.listeners = Math.max(0, this.listeners + by);
      this.update();
    };
    const { addEventListener, removeEventListener } = signal;
    // The count is shared, so that the sockets' thread can read it while a native step blocks this thread.
    signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
      count(args[0], 1);
      addEventListener.apply(signal, args);
    };
    signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
      count(args[0], -1);
      removeEventListener.apply(signal, args);
    };
    Reflect.set(globalThis, SIGNAL, signal);
    this.controller = controller;
    this.forget();
  }

  /** Between cells, SIGINT listeners receive the interrupt, such as a training that no cell awaits. */
  press(): void {
    if (this.pressed) return;
    this.wasHeard = this.listeners + interruptListeners().length > 0;
    this.controller.abort(new Interrupted());
    for (const listener of interruptListeners()) listener.call(process, "SIGINT");
  }

  /** Ends the cell. */
  end(): void {
    this.controller = new AbortController();
    this.forget();
  }

  private forget(): void {
    this.listeners = 0;
    this.wasHeard = false;
    this.update();
  }

  private update(): void {
    Atomics.store(
      this.shared,
      SHARED.listeners,
      this.listeners + interruptListeners().length + Number(this.wasHeard),
    );
  }
}

/** Ignores Ctrl-C in Jupyter's terminal, which also reaches the kernel but is not meant for it. */
const ignoreSigint = (): void => {};

/** Returns the listeners to SIGINT of users and libraries. They are raw: a listener added with `once` removes itself. */
export const interruptListeners = () =>
  process.rawListeners("SIGINT").filter((listener) => listener !== ignoreSigint);
