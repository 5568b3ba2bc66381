import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { NumpyType, NumpyValues } from "../../../lib/base/torch/numpy-values";
import { plain } from "../../../lib/base/torch/plain";
import { readTorch } from "../../../lib/base/torch/read-torch";
import { TorchTensor } from "../../../lib/base/torch/tensor";
import { writeSparseTensor } from "./sparse-tensor";

const file = (name: string) => join(__dirname, "files", name);
const folder = mkdtempSync(join(tmpdir(), "gradbook-torch-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Replaces tensors and numpy arrays by their type, shape and values. */
function shown(value: unknown): unknown {
  if (value instanceof TorchTensor) return [value.dtype, [...value.shape], Array.from(value.read())];
  if (value instanceof NumpyValues) return ["numpy", value.shape, Array.from<unknown>(value.values)];
  if (value instanceof NumpyType) return ["numpy", value.code];
  if (value instanceof Map)
    return Object.fromEntries([...value].map(([key, item]) => [String(key), shown(item)]));
  return Array.isArray(value) ? value.map(shown) : value;
}

const count = (n: number) => Array.from({ length: n }, (_, i) => i);
const floats = [-2.5, 0, 1.5, 3];
const wholes = [0, 1, 2, 100];

describe.each([2, 3, 4, 5])("reads a file that torch.save wrote with protocol %i", (protocol) => {
  const read = readTorch(file(`types-${protocol}.pt`)) as Map<string, unknown>;
  const value = shown(read) as Record<string, Record<string, unknown>>;

  test("reads tensors of every real type", () => {
    const real = ["float64", "float32", "float16", "bfloat16"];
    const whole = ["int64", "int32", "int16", "int8", "uint8", "bool", "uint16", "uint32", "uint64"];
    expect(value.dtypes).toEqual({
      ...Object.fromEntries(real.map((name) => [name, [name, [4], floats]])),
      ...Object.fromEntries(
        whole.map((name) => [name, [name, [4], name === "bool" ? [0, 1, 1, 1] : wholes]]),
      ),
    });
    expect(value.negative).toEqual(["int8", [2], [-1, -128]]);
  });

  test("reads views with their shape, strides and offset", () => {
    const at = (shape: number[], ...values: number[]) => ["float32", shape, values];
    expect(value.views).toEqual({
      base: at([2, 3, 4], ...count(24)),
      transposed: at(
        [4, 3, 2],
        ...count(24).map((i) => (i % 2) * 12 + (Math.floor(i / 2) % 3) * 4 + Math.floor(i / 6)),
      ),
      column: at([2, 3], 1, 5, 9, 13, 17, 21),
      "from second": at([1, 3, 4], ...count(12).map((i) => i + 12)),
      "every second": at([2, 2, 2], 1, 2, 9, 10, 13, 14, 21, 22),
      expanded: at([2, 3], 5, 5, 5, 6, 6, 6),
      scalar: at([], 7),
      empty: at([0, 3]),
      "channels last": at([1, 2, 3, 4], ...count(24)),
    });
  });

  test("reads selected rows of a tensor", () => {
    const views = read.get("views") as Map<string, TorchTensor>;
    expect(Array.from(views.get("transposed")!.read(1, 3))).toEqual([1, 13, 5, 17, 9, 21, 2, 14, 6, 18, 10, 22]); // biome-ignore format: one list
    expect(Array.from(views.get("base")!.read(1))).toEqual(count(12).map((i) => i + 12));
  });

  test("reads Python's containers, numbers, text and bytes", () => {
    expect(value.parameter).toEqual(["float32", [2], [1, 2]]);
    expect(value.size).toEqual([2, 3]);
    expect(value.device).toEqual("cpu");
    expect(value.ordered).toEqual({ a: 1, b: [2, 3] });
    expect(value.sets).toEqual([new Set([1]), new Set([2]), new Set()]);
    expect(value.bytes).toEqual([Uint8Array.of(0, 255), Uint8Array.of(97, 98)]);
    expect(value.numbers).toEqual([0, 1, 255, 256, 65536, -1, -(2 ** 31), 2 ** 31, 2 ** 40, -(2 ** 40), 2n ** 70n, 1.5, Infinity, true, false, null]); // biome-ignore format: one list
    expect(value.text).toEqual(["", "é", "a".repeat(300)]);
    expect(value.tuples).toEqual([[], [1], [1, 2], [1, 2, 3], [1, 2, 3, 4]]);
  });

  test("reads numpy's arrays and scalars", () => {
    expect(value.numpy).toEqual({
      float64: ["numpy", [2, 2], [1.5, 2.5, 3.5, 4.5]],
      fortran: ["numpy", [2, 3], count(6)],
      int64: ["numpy", [3], [0, 1, 2]],
      bool: ["numpy", [2], [1, 0]],
      half: ["numpy", [1], [1.5]],
      text: ["numpy", [2], ["ab", "c"]],
      objects: ["numpy", [3], ["x", 3, null]],
      scalars: [1.5, -3, true, "t"],
      dtype: ["numpy", "f4"],
    });
  });
});

const KNOWN =
  "tensors, numpy arrays, dicts, lists, tuples, sets, text and numbers are. Save it again with these alone";

test.each([
  ["custom.pt", `holds __main__.Custom, which is not supported: ${KNOWN}`],
  ["runs.pt", `holds posix.system, which is not supported: ${KNOWN}`],
  ["quantised.pt", `holds torch._utils._rebuild_qtensor, which is not supported: ${KNOWN}`],
  ["sparse.pt", `holds torch._utils._rebuild_sparse_tensor, which is not supported: ${KNOWN}`],
  [
    "old.pt",
    "is in the format of PyTorch before 1.6, which is not supported; convert it in Python: torch.save(torch.load(file), file)",
  ],
  ["make_files.py", "is not a file of torch.save; check the path"],
  ["missing.pt", "no such file; check the path"],
])("rejects %s", (name, message) => {
  expect(() => readTorch(file(name))).toThrow(`${file(name)}: ${message}`);
});

test("rejects the values of complex tensors, and reads the other tensors of the file", () => {
  const value = (readTorch(file("complex.pt")) as Map<string, TorchTensor>).get("c")!;
  expect(value.shape).toEqual([1]);
  expect(() => value.read()).toThrow(
    `${file("complex.pt")}: holds a tensor of complex64, which is not supported; save it as real numbers`,
  );
});

test("rejects a truncated file, wherever it ends", () => {
  const bytes = readFileSync(file("types-2.pt"));
  const cut = join(folder, "cut.pt");
  for (let length = 4; length < bytes.length; length += 97) {
    writeFileSync(cut, bytes.subarray(0, length));
    expect(() => readTorch(cut)).toThrow(`${cut}: is cut off or damaged; copy it again`);
  }
});

test("rejects a list that contains itself as plain data", () => {
  const cycle = (readTorch(file("cycle.pt")) as Map<string, unknown>).get("cycle");
  expect(() => plain(cycle)).toThrow("is nested too deeply, or too large");
});

test("reads rows of a tensor beyond 4 GiB without reading the other rows", () => {
  const path = join(folder, "large.pt");
  const rows = 5 * 1024;
  const columns = 1 << 20;
  const { close } = writeSparseTensor(path, [rows, columns], {
    row: rows - 1,
    values: Uint8Array.of(1, 2, 3),
  });
  try {
    const tensor = (readTorch(path) as Map<string, TorchTensor>).get("stim")!;
    expect(tensor.shape).toEqual([rows, columns]);
    const last = tensor.read(rows - 1, rows);
    expect([last.length, ...last.subarray(0, 4)]).toEqual([columns, 1, 2, 3, 0]);
  } finally {
    close();
  }
});
