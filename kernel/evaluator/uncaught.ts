/** The promises that end with a cell, and the functions that end it with an error. */
const cells = new WeakMap<object, (error: unknown) => void>();

/**
 * Awaits a cell without a rejection handler. A debugger stops at errors that nobody handles, and V8 counts the kernel's own
 * handler as one of the user's.
 */
export const unhandled = <T>(cell: Promise<T>): Promise<T> =>
  new Promise((resolve, reject) => cells.set(cell.then(resolve), reject));

/** Ends the cell whose promise was rejected. @returns false if the promise is not a cell's */
export function endCell(promise: unknown, error: unknown): boolean {
  const end = cells.get(promise as object);
  end?.(error);
  return end !== undefined;
}
