import { Tensor } from "@tensorflow/tfjs-core";

/** Arrays and plain objects of leaves, to any depth. */
export type Nested<T> = T | readonly Nested<T>[] | { readonly [key: string]: Nested<T> };

/** Returns the leaves of a nested value from left to right, each with its key path. */
export function flatten<T>(nested: Nested<T>, path = ""): { path: string; leaf: T }[] {
  if (isBranch(nested)) {
    const entries = Object.entries(nested as Record<string, Nested<T>>);
    return entries.flatMap(([key, value]) => flatten(value, path ? `${path}.${key}` : key));
  }
  return [{ path, leaf: nested as T }];
}

/** Returns the same nesting with each leaf replaced. */
export function mapNested<T, U>(nested: Nested<T>, replace: (leaf: T) => U): Nested<U> {
  if (Array.isArray(nested)) return nested.map((value) => mapNested<T, U>(value, replace));
  if (isBranch(nested)) {
    const entries = Object.entries(nested as Record<string, Nested<T>>);
    return Object.fromEntries(entries.map(([key, value]) => [key, mapNested(value, replace)]));
  }
  return replace(nested as T);
}

function isBranch(value: unknown): boolean {
  return Array.isArray(value) || (value !== null && typeof value === "object" && !(value instanceof Tensor));
}
