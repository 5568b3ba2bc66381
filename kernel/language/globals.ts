import { RUNTIME } from "./language";

// These must work when a cell has replaced everything else.
const { defineProperty, getOwnPropertyDescriptor, hasOwn, setPrototypeOf } = Object;

const NODES = new Set([...Object.getOwnPropertyNames(globalThis), RUNTIME]);

/** Whether Node, its libraries, or compiled cells rely on a global of that name. */
export const isNodes = (name: string): boolean => NODES.has(name);

/** Returns the global for a name that a cell declares. No user chooses such a name, as `fetch$` may be a stream of fetched values. */
export const globalName = (name: string): string => (isNodes(name) ? RUNTIME + name : name);

/** Returns a text of V8, such as "__cell__performance is not a function", with the names that users gave to globals. */
export const withUsersNames = (text: string): string => text.replace(RENAMED, "");

const RENAMED = new RegExp(`(?<![\\p{ID_Continue}$])${RUNTIME}(?=[\\p{ID_Start}$_])`, "gu");

/**
 * Returns a descriptor of a property without a prototype. Cells can add members of descriptors to `Object.prototype`: a `get` there
 * would make every descriptor with a value invalid.
 */
export const withoutPrototype = (descriptor: PropertyDescriptor): PropertyDescriptor =>
  setPrototypeOf(descriptor, null) as PropertyDescriptor;

/** Whether an object itself has a property. The operator `in` also finds what a cell has added to `Object.prototype`. */
export const has = <T extends object, K extends PropertyKey>(
  object: T,
  key: K,
): object is Extract<T, Record<K, unknown>> => hasOwn(object, key);

/** Defines a property that a list of properties does not show. */
export function define(owner: object, key: PropertyKey, value: unknown): void {
  const descriptor = withoutPrototype({ value, writable: true, configurable: true, enumerable: false });
  defineProperty(owner, key, descriptor);
}

/** Defines a global name, so that a strict cell may assign to it. A getter of Node becomes a plain property. */
export function makeGlobal(name: string): void {
  const before = getOwnPropertyDescriptor(globalThis, name);
  if (before && hasOwn(before, "value")) return;
  const value: unknown = before?.get?.call(globalThis);
  const descriptor = withoutPrototype({ value, writable: true, configurable: true, enumerable: true });
  defineProperty(globalThis, name, descriptor);
}
