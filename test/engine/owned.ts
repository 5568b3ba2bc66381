import { afterEach } from "vitest";

let disposables: { dispose(): void }[] = [];

/** Disposes of it after the test of the file that imports this. */
export const owned = <T extends { dispose(): void }>(x: T): T => {
  disposables.push(x);
  return x;
};

afterEach(() => {
  for (const x of disposables) x.dispose();
  disposables = [];
});
