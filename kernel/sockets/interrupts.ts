import { Session } from "node:inspector";
import { type Incoming, SHARED, TERMINATE } from "./mail";

/** The time that a cell has to stop by itself before it is ended. */
const GRACE_MS = 650;
/** The time that the main thread has to acknowledge an interrupt before its JavaScript is terminated. */
const HEAR_MS = 80;
/** The time within which another stop counts as the second one when no cell runs. */
const AGAIN_MS = 5000;

interface Hooks {
  shared: Int32Array;
  toMain(message: Incoming): void;
  /** The cell that runs; 0 if there is none. */
  running(): number;
  /** Writes a note below the running cell. */
  note(text: string): void;
  /**
   * Tells the client that the cell has ended. `held` means that something that V8 cannot end still blocks the main
   * thread.
   */
  conclude(cell: number, how: { held: boolean }): void;
}

/**
 * Stops a cell. It first aborts the cell's AbortSignal: training saves and returns. A cell without a listener is ended
 * within a second: V8 terminates a loop, and a pending await is abandoned. If there is a listener, the second request
 * ends the cell.
 */
export class Interrupts {
  private readonly inspector = new Session();
  private count = 0;
  private cell: number | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly hooks: Hooks) {
    // This must happen at the start: a busy main thread does not accept a new connection.
    this.inspector.connectToMainThread();
  }

  /**
   * Stops the running cell, or, if none runs, work that an earlier cell left behind or a cell that is about to begin.
   */
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
        // The cell that blocks the main thread was queued before this interrupt; otherwise the main thread would have
        // received the interrupt first.
        if (this.cell === 0 && !this.isHeard(count)) this.cell = this.hooks.running();
        if (Atomics.load(this.hooks.shared, SHARED.obeyers) === 0) return this.force(this.cell!);
        this.hooks.note("Stopping: the cell saves what it has. Stop once more to end it at once.\n");
        // Work that no cell awaits reports no end, so that after this time a stop counts as a first one again.
        if (this.cell === 0) this.timer = setTimeout(() => this.ended(0), AGAIN_MS);
      }, GRACE_MS);
  }

  /** Assigns an interrupt that was received while no cell ran to the cell that the main thread had begun meanwhile. */
  meant(cell: number): void {
    if (this.cell === 0) this.cell = cell;
  }

  /** The cell has ended, so there is nothing left to stop. */
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

  /**
   * Asks the main thread first, by interrupting it: it may have reached the cell's end already (see
   * evaluator/termination.ts).
   */
  private terminate(cell: number): void {
    const expression = `globalThis[Symbol.for(${JSON.stringify(TERMINATE)})](${cell})`;
    this.inspector.post("Runtime.evaluate", { expression });
  }

  /** Orders the termination. V8 terminates the main thread's JavaScript as soon as that thread continues. */
  order(): void {
    this.inspector.post("Runtime.terminateExecution");
    Atomics.store(this.hooks.shared, SHARED.answered, this.count);
    Atomics.store(this.hooks.shared, SHARED.ordered, 1);
  }
}

/**
 * Sends SIGINT to child processes, as Ctrl-C does in a terminal. A child that is awaited (`execSync`) blocks the main
 * thread, which ignores the signal itself.
 */
function interruptChildren(): void {
  try {
    process.kill(-process.pid, "SIGINT");
  } catch {
    // Jupyter gave the kernel no process group of its own, so the group contains other processes.
  }
}
