import { inspect } from "node:util";
import { expect, test } from "vitest";
import { compile, tf } from "../../lib/engine";
import { binding } from "../../lib/engine/backend";
import { TF } from "../../lib/engine/dtypes";
import { residentTensor } from "../../lib/engine/resident";
import "./nothing-left";

/** Writes values through the binding and reads them back. */
function roundTrip(shape: number[], dtype: number, values: ArrayLike<unknown>): unknown {
  const id = binding.createTensor(shape, dtype, values);
  const read = binding.tensorDataSync(id);
  binding.deleteTensor(id);
  return read;
}

test("keeps the smallest and largest values of each type", () => {
  const floats = Float32Array.of(Number.NaN, -Infinity, 1e-45, 3.4028234663852886e38, -0);
  expect(roundTrip([5], TF.FLOAT, floats)).toEqual(floats);
  const ints = Int32Array.of(-(2 ** 31), -1, 0, 2 ** 31 - 1);
  expect(roundTrip([2, 2], TF.INT32, ints)).toEqual(ints);
  const bytes = Uint8Array.of(0, 127, 128, 255);
  expect(roundTrip([4], TF.UINT8, bytes)).toEqual(bytes);
  expect(roundTrip([], TF.BOOL, Uint8Array.of(1))).toEqual(Uint8Array.of(1));
  const longs = BigInt64Array.of(-(2n ** 63n), 2n ** 63n - 1n);
  expect(roundTrip([2], TF.INT64, longs)).toEqual(longs);
  const complex = Float32Array.of(1, -2, 3, -4);
  expect(roundTrip([2], TF.COMPLEX64, complex)).toEqual(complex);
});

test("converts plain numbers to the type", () => {
  expect(roundTrip([2], TF.FLOAT, [0.5, -1])).toEqual(Float32Array.of(0.5, -1));
  expect(roundTrip([2], TF.INT32, [7, -7])).toEqual(Int32Array.of(7, -7));
  expect(roundTrip([3], TF.BOOL, [2, 0, true])).toEqual(Uint8Array.of(1, 0, 1));
  expect(roundTrip([2], TF.UINT8, [0, 255])).toEqual(Uint8Array.of(0, 255));
  expect(roundTrip([1], TF.INT64, [-3])).toEqual(BigInt64Array.of(-3n));
});

test("reads int64 as pairs of int32, as tfjs-node writes it", () => {
  expect(roundTrip([2], TF.INT64, Int32Array.of(5, 0, -5, -1))).toEqual(BigInt64Array.of(5n, -5n));
});

test("rejects values that a tensor cannot hold before TensorFlow receives them", () => {
  const create = (shape: number[], dtype: number, values: ArrayLike<unknown>) => () =>
    binding.createTensor(shape, dtype, values);
  expect(create([1], TF.FLOAT, Int32Array.of(1))).toThrow(
    "A tensor of type float32 takes a Float32Array, but was given a Int32Array.",
  );
  expect(create([2, 2], TF.FLOAT, Float32Array.of(1, 2, 3))).toThrow(
    "A tensor of type float32 with 4 elements has 16 bytes, but was given 12.",
  );
  expect(create([1], TF.COMPLEX64, Float32Array.of(1))).toThrow(
    "A tensor of type complex64 with 1 elements has 8 bytes, but was given 4.",
  );
  expect(create([1], TF.UINT8, [256])).toThrow(
    "256 does not fit into a uint8 tensor: whole numbers from 0 to 255 do.",
  );
  expect(create([1], TF.UINT8, [0.5])).toThrow(RangeError);
  expect(create([1], 12, [1])).toThrow(
    "Tensors of TensorFlow's type number 12 have no values in JavaScript; cast to float32 or int32 first.",
  );
});

test("rejects a disposed tensor", () => {
  expect(() => binding.tensorDataSync(1e9)).toThrow(
    "Tensor 1000000000 has been disposed, or was never on TensorFlow.",
  );
});

test("keeps the bytes of uint8 tensors", () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
  expect(residentTensor([bytes], [16, 16], "uint8").dataSync()).toEqual(bytes);
});

test("computes parts, products and a Fourier transform of complex numbers and inverts the transform", () => {
  const a = tf.complex([1, 2], [3, -4]);
  expect(a.dataSync()).toEqual(Float32Array.of(1, 3, 2, -4));
  const product = tf.mul(a, tf.complex([0, 1], [1, 0]));
  expect(Array.from(tf.real(product).dataSync())).toEqual([-3, 2]);
  expect(Array.from(tf.imag(product).dataSync())).toEqual([1, -4]);
  const back = Array.from(tf.ifft(tf.fft(a)).dataSync());
  [1, 3, 2, -4].forEach((value, i) => {
    expect(back[i]).toBeCloseTo(value, 5);
  });
});

test("passes booleans and int32 through ops", () => {
  const x = tf.tensor1d([3, -1, 2], "int32");
  const positive = tf.greater(x, tf.scalar(0, "int32"));
  expect(positive.dtype).toBe("bool");
  expect(positive.dataSync()).toEqual(Uint8Array.of(1, 0, 1));
  expect(tf.logicalNot(positive).dataSync()).toEqual(Uint8Array.of(0, 1, 0));
  expect(tf.sum(x).dataSync()).toEqual(Int32Array.of(4));
  expect(tf.mean(x).dataSync()).toEqual(Float32Array.of(4 / 3));
  expect(tf.mean(positive).dataSync()[0]).toBeCloseTo(2 / 3);
  expect(tf.round(x).dataSync()).toEqual(Int32Array.of(3, -1, 2));
});

test("passes every type through a compiled function", async () => {
  const captured = tf.complex([1, 1], [0, 2]);
  const step = compile((c: tf.Tensor, n: tf.Tensor, b: tf.Tensor) => ({
    spectrum: tf.fft(tf.mul(c, captured)),
    rounded: tf.round(tf.add(n, tf.tensor1d([1, 2], "int32"))),
    mean: tf.mean(n),
    either: tf.logicalOr(b, tf.tensor1d([false, true], "bool")),
  }));
  const args = () =>
    [tf.complex([1, 2], [1, 0]), tf.tensor1d([10, 20], "int32"), tf.tensor1d([true, false], "bool")] as const;
  const { spectrum, rounded, mean, either } = await step(...args());
  // (1+i)·1 and 2·(1+2i): their sum and their difference.
  expect(spectrum.dataSync()).toEqual(Float32Array.of(3, 5, -1, -3));
  expect(rounded.dataSync()).toEqual(Int32Array.of(11, 22));
  expect(mean.dataSync()).toEqual(Float32Array.of(15));
  expect(either.dataSync()).toEqual(Uint8Array.of(1, 1));
  tf.dispose([spectrum, rounded, mean, either]);
  step.dispose();
});

test("explains that saved models are not supported, and lists the alternatives", () => {
  expect(() => binding.loadSavedModel()).toThrow(
    "Saved models are not supported: gradbook's checkpoints are safetensors files.",
  );
});

test("prints a tensor in a list or a log as its shape and type", () => {
  const [made, rate] = [tf.zeros([2, 3], "int32"), tf.variable(tf.scalar(1), true, "rate")];
  expect(inspect({ made, all: [rate] })).toBe(
    "{ made: Tensor [2, 3] int32, all: [ Variable rate [] float32 ] }",
  );
  made.dispose();
  rate.dispose();
  expect(inspect(made)).toBe("Tensor [2, 3] int32 (disposed)");
});
