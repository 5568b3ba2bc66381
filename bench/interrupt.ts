import { endChildren } from "../lib/cli/setup";

let interrupted = false;

/** Whether Ctrl-C or SIGTERM was received: the running measurement is ending, and no other may begin. */
export const isInterrupted = () => interrupted;

/** On a signal ends the running measurement, then this process, with exit code 130. */
export function listenForInterrupts(): void {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, async () => {
      // A second signal does not wait for the children.
      if (interrupted) process.exit(130);
      interrupted = true;
      await endChildren();
      process.exit(130);
    });
  }
}
