import { Interrupted } from "../output/interrupted";
import { SHARED } from "../sockets/mail";

/** Where code that runs in a cell finds the AbortSignal of that cell. */
const SIGNAL = Symbol.for("gradbook.signal");

/**
 * The stop button, as an AbortSignal. Training listens for it (or for SIGINT, as in a terminal), saves and returns: a cell where
 * somebody listens is given the time for that, one where nobody does is ended.
 */
export class CellSignal {
  private readonly controller = new AbortController();
  private listeners = 0;
  /** Somebody heard of the interrupt, and may have stopped to listen since. */
  private obeying = false;

  constructor(private readonly shared: Int32Array) {
    const { signal } = this.controller;
    const { addEventListener, removeEventListener } = signal;
    // Counted where the sockets' thread sees it, also while a native step holds this one.
    signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
      this.count(args[0], 1);
      addEventListener.apply(signal, args);
    };
    signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
      this.count(args[0], -1);
      removeEventListener.apply(signal, args);
    };
    Reflect.set(globalThis, SIGNAL, signal);
    this.update();
    process.on("newListener", this.onListener);
    process.on("removeListener", this.onListener);
  }

  get aborted(): boolean {
    return this.controller.signal.aborted;
  }

  interrupt(): void {
    if (this.controller.signal.aborted) return;
    this.obeying = this.listeners + foreign().length > 0;
    this.controller.abort(new Interrupted());
    for (const listener of foreign()) listener.call(process, "SIGINT");
  }

  /** The cell ended. */
  release(): void {
    process.off("newListener", this.onListener);
    process.off("removeListener", this.onListener);
    this.listeners = 0;
    this.obeying = false;
    this.update();
  }

  private count(type: string, by: number): void {
    if (type !== "abort") return;
    this.listeners = Math.max(0, this.listeners + by);
    this.update();
  }

  private readonly onListener = (name: string | symbol) => {
    // Told before it is added, and after it is removed.
    if (name === "SIGINT") queueMicrotask(() => this.update());
  };

  private update(): void {
    Atomics.store(this.shared, SHARED.obeyers, this.listeners + foreign().length + Number(this.obeying));
  }
}

/** Jupyter's Ctrl-C in a terminal reaches the kernel too, and is not meant for it. */
export const ignoreSigint = (): void => {};

const foreign = () => process.listeners("SIGINT").filter((listener) => listener !== ignoreSigint);
