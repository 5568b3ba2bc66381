import { LEAVE, SHARED } from "../sockets/mail";

/** The longest wait for the order to end, in turns of a loop that does nothing else. */
const MOST_TURNS = 1e8;

/**
 * Puts on the global object what the sockets' thread calls, through the inspector, in the middle of a loop that it is about to
 * terminate (see sockets/interrupts.ts).
 */
export function installLeave(shared: Int32Array): void {
  const { binding } = process as unknown as { binding(name: string): { clearAsyncIdStack(): void } };
  const { clearAsyncIdStack } = binding("async_wrap");
  const leave = (ordered: number) => {
    for (let turn = 0; turn < MOST_TURNS && Atomics.load(shared, SHARED.ordered) < ordered; turn++);
    clearAsyncIdStack();
  };
  Object.defineProperty(globalThis, Symbol.for(LEAVE), { value: leave });
}
