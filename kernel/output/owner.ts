import { AsyncLocalStorage } from "node:async_hooks";
import type { Cause } from "../sockets/mail";

/** What is running, and whether it still may be heard. */
export interface Owner {
  cause: Cause;
  /** It was ended from outside: nothing it does counts any more. */
  dead: boolean;
  /** Whether the client can be asked for input. */
  mayAsk?: boolean;
}

const owners = new AsyncLocalStorage<Owner>();

/** No cell is known: output goes to the last one. */
const NOBODY: Owner = { cause: { cell: 0, identities: [], header: {} }, dead: false };

/** Whose code this is: a timer, a promise's continuation and an event belong to the cell that asked for them. */
export const owner = (): Owner => owners.getStore() ?? NOBODY;

export const runAs = <T>(one: Owner, run: () => T): T => owners.run(one, run);

/** Whether this belongs to the cell whose code is running, and that cell was ended from outside. */
export function isOfDead({ cell }: Cause): boolean {
  const { dead, cause } = owner();
  return cell !== 0 && dead && cause.cell === cell;
}

/** Of a promise that was rejected: Node calls the handler of such rejections outside of their context. */
export function ownerOf(promise: Promise<unknown>): Owner {
  const { kResourceStore } = owners as unknown as { kResourceStore?: symbol };
  const store = kResourceStore && (promise as unknown as Record<symbol, Owner | undefined>)[kResourceStore];
  return store || owner();
}
