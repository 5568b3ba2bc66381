import { afterEach } from "vitest";

let disposables: { dispose(): void }[] = [];

/** Disposes of a tensor or function after the current test of the importing file. */
export const owned = <T extends { dispose(): void }>(x: T): T => {
  disposables.push(x);
  return x;
};

afterEach(() => {
  for (const x of disposables) x.dispose();
  disposables = [];
});
