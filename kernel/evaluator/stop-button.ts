import { Interrupted } from "../output/interrupted";
import { SHARED } from "../sockets/mail";

/** Where code that runs in a cell finds the AbortSignal of that cell. */
const SIGNAL = Symbol.for("gradbook.signal");

/**
 * The stop button, as an AbortSignal for each cell. Training listens for it (or for SIGINT, as in a terminal), saves and returns:
 * a cell where somebody listens is given the time for that, one where nobody does is ended.
 */
export class StopButton {
  private controller = new AbortController();
  /** How many listen to the signal of the cell that runs. */
  private listeners = 0;
  /** Somebody heard of the interrupt, and may have stopped to listen since. */
  private obeying = false;

  constructor(private readonly shared: Int32Array) {
    process.on("SIGINT", ignoreSigint);
    // Told before it is added, and after it is removed.
    const onListener = (name: string | symbol) => {
      if (name === "SIGINT") queueMicrotask(() => this.update());
    };
    process.on("newListener", onListener);
    process.on("removeListener", (name, listener) => {
      // A cell that takes off all listeners takes this one, too: the next signal would end the kernel.
      if (listener === ignoreSigint) process.on("SIGINT", ignoreSigint);
      onListener(name);
    });
  }

  get pressed(): boolean {
    return this.controller.signal.aborted;
  }

  /** A cell begins, and has a signal of its own. */
  begin(): void {
    const controller = new AbortController();
    const { signal } = controller;
    const count = (type: string, by: number) => {
      // An earlier cell's listeners do not hold up this one's end.
      if (type !== "abort" || this.controller !== controller) return;
      this.listeners = Math.max(0, this.listeners + by);
      this.update();
    };
    const { addEventListener, removeEventListener } = signal;
    // Counted where the sockets' thread sees it, also while a native step holds this one.
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

  /** Between cells it is heard by what listens for SIGINT: training that no cell waits for. */
  press(): void {
    if (this.pressed) return;
    this.obeying = this.listeners + foreign().length > 0;
    this.controller.abort(new Interrupted());
    for (const listener of foreign()) listener.call(process, "SIGINT");
  }

  /** The cell ended. */
  end(): void {
    this.controller = new AbortController();
    this.forget();
  }

  private forget(): void {
    this.listeners = 0;
    this.obeying = false;
    this.update();
  }

  private update(): void {
    Atomics.store(this.shared, SHARED.obeyers, this.listeners + foreign().length + Number(this.obeying));
  }
}

/** Jupyter's Ctrl-C in a terminal reaches the kernel too, and is not meant for it. */
const ignoreSigint = (): void => {};

/** As they were added: one of `once` takes itself off. */
const foreign = () => process.rawListeners("SIGINT").filter((listener) => listener !== ignoreSigint);
