import { expect, test } from "vitest";
import { z } from "zod";
import { ConfigError, check } from "../../lib/config";

const schema = z.strictObject({
  lr: z.number().positive().default(0.001),
  type: z.enum(["cnn", "resnet"]),
  blocks: z.array(z.strictObject({ kernel_size: z.number() })).default([]),
});

function problems(value: unknown) {
  try {
    check(schema, value, "model.yaml", "convnet");
  } catch (e) {
    if (e instanceof ConfigError) return e.problems;
    throw e;
  }
  throw new Error("nothing was thrown");
}

test("fills in defaults", () => {
  expect(check(schema, { type: "cnn" }, "model.yaml")).toEqual({ lr: 0.001, type: "cnn", blocks: [] });
});

test("lists every problem with its path, the allowed words and the nearest one", () => {
  expect(problems({ typ: "cnn", type: "resnt", blocks: [{ kernelsize: 3 }] })).toEqual([
    { path: "convnet.type", message: '"resnt" is not one of: cnn, resnet (did you mean "resnet"?)' },
    {
      path: "convnet.blocks.0.kernel_size",
      message: "missing (invalid input: expected number, received undefined)",
    },
    {
      path: "convnet.blocks.0",
      message: 'unknown key "kernelsize" is not one of: kernel_size (did you mean "kernel_size"?)',
    },
    { path: "convnet", message: 'unknown key "typ" is not one of: lr, type, blocks (did you mean "type"?)' },
  ]);
});

test("says what was found", () => {
  expect(problems({ type: "cnn", lr: -1 })).toEqual([
    { path: "convnet.lr", message: "too small: expected number to be >0; found -1" },
  ]);
});

test("where no key is taken, that is said instead of an empty list", () => {
  expect(() => check(z.strictObject({}), { eps: 1 }, "model.yaml", "norm_params")).toThrow(
    'model.yaml: norm_params: unknown key "eps"; none is taken here',
  );
});
