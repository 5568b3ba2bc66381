import { Session } from "node:inspector";
import { type Incoming, SHARED, TERMINATE } from "./mail";

/** What a cell has to stop in order, before it is ended. */
const GRACE_MS = 650;
/** What the main thread has to say that it hears, before its JavaScript is terminated. */
const HEAR_MS = 80;
/** For how long a second stop is a second one where no cell runs. */
const AGAIN_MS = 5000;

interface Hooks {
  shared: Int32Array;
  toMain(message: Incoming): void;
  /** The cell that runs; 0 if there is none. */
  running(): number;
  /** Says something below the running cell. */
  note(text: string): void;
  /** The cell's time is over: tells the client. `held`: something that V8 cannot end still holds the main thread. */
  conclude(cell: number, how: { held: boolean }): void;
}

/**
 * Stops a cell. First it is asked (its AbortSignal): training saves and returns. A cell where nobody listens for that is ended
 * within a second: a loop by V8's termination, a pending await by no longer waiting for it. Where somebody listens, the
 * second request ends it.
 */
export class Interrupts {
  private readonly inspector = new Session();
  private count = 0;
  private cell: number | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly hooks: Hooks) {
    // Now: a main thread that is busy does not let one in.
    this.inspector.connectToMainThread();
  }

  /** Stops the cell that runs; where none does, what an earlier one left behind, or one that is about to begin. */
  request(): void {
    const cell = this.hooks.running();
    const again = this.cell === cell;
    this.cell = cell;
    const count = ++this.count;
    this.hooks.toMain({ kind: "interrupt", cell, count });
    clearTimeout(this.timer);
    if (again) this.force(cell);
    else
      this.timer = setTimeout(() => {
        // What holds the main thread had been asked for before: else the interrupt would have been heard first.
        if (this.cell === 0 && !this.isHeard(count)) this.cell = this.hooks.running();
        if (Atomics.load(this.hooks.shared, SHARED.obeyers) === 0) return this.force(this.cell!);
        this.hooks.note("Stopping: the cell saves what it has. Stop once more to end it at once.\n");
        // What no cell waits for has no end that is told: later a stop is a first one again.
        if (this.cell === 0) this.timer = setTimeout(() => this.ended(0), AGAIN_MS);
      }, GRACE_MS);
  }

  /** The main thread had begun this cell when it heard of an interrupt that came where none ran. */
  meant(cell: number): void {
    if (this.cell === 0) this.cell = cell;
  }

  /** The cell ended: nothing is left to stop. */
  ended(cell: number): void {
    if (this.cell !== cell) return;
    this.cell = undefined;
    clearTimeout(this.timer);
  }

  close(): void {
    this.inspector.disconnect();
  }

  private force(cell: number): void {
    const count = ++this.count;
    this.hooks.toMain({ kind: "force", cell, count });
    this.timer = setTimeout(() => {
      if (!this.isHeard(count)) {
        this.terminate(cell);
        interruptChildren();
      }
      this.timer = setTimeout(() => {
        this.cell = undefined;
        this.hooks.conclude(cell, { held: !this.isHeard(count) });
      }, HEAR_MS);
    }, HEAR_MS);
  }

  private isHeard(count: number): boolean {
    return Atomics.load(this.hooks.shared, SHARED.heard) >= count;
  }

  /** The main thread is asked first, in the middle of what it does: it may have come to the cell's end (see evaluator/termination.ts). */
  private terminate(cell: number): void {
    const expression = `globalThis[Symbol.for(${JSON.stringify(TERMINATE)})](${cell})`;
    this.inspector.post("Runtime.evaluate", { expression });
  }

  /** V8 ends what the main thread does, wherever that is, as soon as it no longer stands still. */
  order(): void {
    this.inspector.post("Runtime.terminateExecution");
    Atomics.store(this.hooks.shared, SHARED.answered, this.count);
    Atomics.store(this.hooks.shared, SHARED.ordered, 1);
  }
}

/** As Ctrl-C in a terminal: a child that is waited for (`execSync`) holds the main thread, which itself ignores it. */
function interruptChildren(): void {
  try {
    process.kill(-process.pid, "SIGINT");
  } catch {
    // Jupyter gave the kernel no process group of its own: others are in this one.
  }
}
