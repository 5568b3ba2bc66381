import { expect, test } from "vitest";
import { z } from "zod";
import { ConfigError, check } from "../../../lib/base/config";

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

test("rejects a key in a section without options, and reports NaN where a number is expected", () => {
  const none = z.strictObject({ params: z.strictObject({}).default({}), lr: z.number().optional() });
  const wrong = () => check(none, { params: { width: 1 }, lr: Number.NaN }, "m.yaml");
  expect(wrong).toThrow('params: unknown key "width": this section has no options');
  expect(wrong).toThrow("lr: invalid input: expected number, received NaN; found NaN");
});

test("quotes the value that it found", () => {
  expect(problems({ type: "cnn", lr: -1 })).toEqual([
    { path: "convnet.lr", message: "too small: expected number to be >0; found -1" },
  ]);
});
