import { Session } from "node:inspector";
import koffi from "koffi";
import { type Effect, type Event, type Life, next, START, timeLimit } from "./life";
import { type AsyncHookFields, type Blocking, disableChecks, type Incoming, SHARED, TERMINATE } from "./mail";

interface Hooks {
  shared: Int32Array;
  fields: AsyncHookFields | undefined;
  toMain(message: Incoming): void;
  /** Writes a note below the running cell. */
  note(text: string): void;
  /** Tells the client that the running cell has ended. `held` means that the main thread is still blocked. */
  conclude(cell: number, how: { held: boolean }): void;
}

/** Performs what the state machine of `life.ts` decides about the running cell. */
export class CellControl {
  private readonly inspector = new Session();
  private life: Life = START;
  private timer: NodeJS.Timeout | undefined;
  private isAsking = false;

  constructor(private readonly hooks: Hooks) {
    // This must happen at the start: a busy main thread does not accept a new connection.
    this.inspector.connectToMainThread();
  }

  /** The cell that runs; 0 if there is none. */
  get cell(): number {
    return this.life.cell;
  }

  on(event: Event): void {
    const before = this.life;
    const { life, effects } = next(before, event);
    this.life = life;
    if (life.phase !== before.phase || life.order !== before.order || life.attempts !== before.attempts)
      this.setTimer();
    for (const effect of effects) this.perform(effect);
  }

  /** Has V8 end the JavaScript of the main thread as soon as that thread continues. */
  terminate(): void {
    this.inspector.post("Runtime.terminateExecution");
    Atomics.store(this.hooks.shared, SHARED.ordered, 1);
  }

  close(): void {
    clearTimeout(this.timer);
    this.inspector.disconnect();
  }

  private setTimer(): void {
    clearTimeout(this.timer);
    const limit = timeLimit(this.life);
    if (limit === undefined) return;
    this.timer = setTimeout(() => {
      const listeners = Atomics.load(this.hooks.shared, SHARED.listeners);
      this.on({ type: "timeout", listeners });
    }, limit);
  }

  private perform(effect: Effect): void {
    const { toMain, note, conclude } = this.hooks;
    if (effect.do === "ask") toMain({ kind: "interrupt", cell: effect.cell, order: effect.order });
    else if (effect.do === "force") toMain({ kind: "force", cell: effect.cell, order: effect.order });
    else if (effect.do === "free") this.askMainThread(effect.cell, effect.order, "subshell");
    else if (effect.do === "note")
      note("Stopping: the cell saves what it has. Stop once more to end it at once.\n");
    else if (effect.do === "conclude") conclude(effect.cell, { held: effect.held });
    else {
      this.askMainThread(effect.cell, effect.order, "any");
      interruptChildren();
    }
  }

  /**
   * Asks the main thread first, by interrupting it: it may have reached the cell's end already (see
   * evaluator/termination.ts). It answers with the message `terminate`. Where an endless recursion leaves it no stack to
   * answer, V8 gets the order at once.
   */
  private askMainThread(cell: number, order: number, what: Blocking): void {
    // V8 has not come to the last question yet.
    if (this.isAsking) return;
    this.isAsking = true;
    const expression = `globalThis[Symbol.for(${JSON.stringify(TERMINATE)})](${cell}, ${order}, "${what}")`;
    this.inspector.post("Runtime.evaluate", { expression }, (_, answer) => {
      this.isAsking = false;
      if (what === "any" && answer?.exceptionDetails?.exception?.className === "RangeError")
        this.terminateUnasked();
    });
  }

  /** Does what the main thread would do in `Termination.agree`, in its memory. */
  private terminateUnasked(): void {
    const { shared, fields } = this.hooks;
    if (!fields) return;
    const counts = new Uint32Array(koffi.view(fields.address, fields.length));
    disableChecks(shared, counts, fields);
    this.terminate();
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
