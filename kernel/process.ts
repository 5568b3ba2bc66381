import { unawaited } from "./evaluator/errors";
import { type Owner, owner, ownerOf } from "./output/owner";
import type { Outgoing } from "./sockets/mail";

/**
 * Keeps the process alive, whatever cells do in it: an error that nobody waits for is shown where it comes from, and `process.exit`
 * ends its cell alone.
 *
 * @param fail ends a cell with an error
 */
export function keepAlive(send: (message: Outgoing) => void, fail: (of: Owner, error: Error) => void): void {
  const show = (error: unknown, { cause, dead }: Owner) => {
    if (!dead) send(unawaited(error, cause));
  };
  process.on("uncaughtException", (error) => show(error, owner()));
  process.on("unhandledRejection", (error, promise) => show(error, ownerOf(promise)));
  process.exit = ((code?: number) => {
    const error = new Error(
      `process.exit(${code ?? ""}) was called: it ends this cell, and the kernel goes on. To end the kernel, use Jupyter's restart or shut down.`,
    );
    error.name = "Exit";
    fail(owner(), error);
    throw error;
  }) as typeof process.exit;
}
