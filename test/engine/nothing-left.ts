import { afterEach, beforeEach, expect } from "vitest";
import { memory, tf } from "../../lib/engine";

let before: number;

/** Tensors of a test of the file that imports this end with it; a handle that nobody counts any more fails it. */
beforeEach(() => {
  before = memory().tensors;
  tf.engine().startScope();
});
afterEach(() => {
  tf.engine().endScope();
  expect(memory().tensors, "handles left over").toBe(before);
});
