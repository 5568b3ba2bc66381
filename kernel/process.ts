import { endCell } from "./evaluator/uncaught";
import { type Owner, owner, ownerOf } from "./output/owner";

/**
 * Keeps the process alive, whatever cells do in it: an error that no code awaits is reported, and `process.exit` and
 * `process.abort` end their cell only.
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
