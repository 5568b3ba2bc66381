import { constants } from "node:os";
import { interruptListeners } from "./evaluator/stop-button";
import { endCell } from "./evaluator/uncaught";
import { type Owner, owner, ownerOf } from "./output/owner";

/**
 * Keeps the process alive, whatever cells do in it: an error that no code awaits is reported, and `process.exit`,
 * `process.abort` and signals to the process itself end their cell only.
 *
 * @param report reports an error that no code awaits
 * @param fail ends a cell with an error
 */
export function keepAlive(
  report: (error: unknown, owner: Owner) => void,
  fail: (owner: Owner, error: Error) => void,
): void {
  reportUncaught(report);
  const refuse = (call: string) => {
    const error = new Error(
      `${call} was called: it ends this cell, and the kernel goes on. To end the kernel, use Jupyter's restart or shut down.`,
    );
    error.name = "Exit";
    fail(owner(), error);
    throw error;
  };
  process.exit = ((code?: number) => refuse(`process.exit(${code ?? ""})`)) as typeof process.exit;
  process.abort = () => refuse("process.abort()");
  Reflect.set(process, "reallyExit", process.exit);
  const { kill } = process;
  process.kill = (pid, signal = "SIGTERM") => {
    if (!isOwn(Number(pid)) || !wouldEnd(signal)) return kill.call(process, pid, signal);
    return refuse(`process.kill(${pid}, ${JSON.stringify(signal)})`);
  };
}

/** Whether a signal to `pid` reaches this process: 0 is its group, -1 every process. */
const isOwn = (pid: number) => [process.pid, -process.pid, 0, -1].includes(pid);

/** The signals that end no process: those that Node or the system ignores, or that ask Node for something. */
const HARMLESS = new Set([
  "SIGCHLD",
  "SIGCONT",
  "SIGINFO",
  "SIGIO",
  "SIGPIPE",
  "SIGURG",
  "SIGUSR1",
  "SIGWINCH",
]);

/** Whether a signal would end or halt this process, or, like SIGINT, does nothing because no code of the user listens. */
function wouldEnd(signal: string | number): boolean {
  const name =
    typeof signal === "string"
      ? signal
      : Object.entries(constants.signals).find(([, number]) => number === signal)?.[0];
  if (name === undefined || HARMLESS.has(name) || !(name in constants.signals)) return false;
  const isHeard = name === "SIGINT" ? interruptListeners().length > 0 : process.listenerCount(name) > 0;
  return !isHeard || name === "SIGKILL" || name === "SIGSTOP";
}

/**
 * Handles uncaught errors where Node emits them, because listeners can be removed by a cell, and a listener that throws
 * would end the process.
 */
function reportUncaught(report: (error: unknown, owner: Owner) => void): void {
  const { emit } = process as { emit: (name: string | symbol, ...values: unknown[]) => boolean };
  const guarded = (name: string | symbol, ...values: unknown[]): boolean => {
    if (name !== "uncaughtException" && name !== "unhandledRejection")
      return emit.call(process, name, ...values);
    const [error, promise] = values;
    if (endCell(promise, error)) return true;
    report(error, name === "unhandledRejection" ? ownerOf(promise as Promise<unknown>) : owner());
    for (const listener of process.rawListeners(name))
      try {
        listener.apply(process, values);
      } catch (thrown) {
        report(thrown, owner());
      }
    return true;
  };
  Reflect.set(process, "emit", guarded);
}
