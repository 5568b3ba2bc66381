import { afterEach, beforeEach, expect } from "vitest";
import { memory, tf } from "../../lib/engine";

let before: number;

/** Disposes the tensors of each test of the importing file after the test, and fails the test if a handle remains. */
beforeEach(() => {
  before = memory().tensors;
  tf.engine().startScope();
});
afterEach(() => {
  tf.engine().endScope();
  expect(memory().tensors, "handles left over").toBe(before);
});
