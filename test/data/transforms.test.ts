import { expect, test } from "vitest";
import { fourier, inverseFourier } from "../../lib/base/dsp/fft";
import { runOps } from "../../lib/data/transforms";

const context = { where: "test", columns: [] };
const column = (...values: number[]) => ({ shape: [values.length, 1], values: Float32Array.from(values) });

test("cast returns values that the type can hold", () => {
  const x = column(1 / 3, -2.7, 300, 1e-8, 70000);
  const of = (dtype: string) => [...runOps(x, [{ cast: dtype }], context).values];
  expect(of("uint8")).toEqual([0, 0, 255, 0, 255]);
  expect(of("int32")).toEqual([0, -2, 300, 0, 70000]);
  expect(of("float16")).toEqual([0.333251953125, -2.69921875, 300, 0, Number.POSITIVE_INFINITY]);
  // As numpy and PyTorch round them.
  expect(of("bfloat16")).toEqual([0.333984375, -2.703125, 300, Math.fround(1.0011717677116394e-8), 70144]);
});

test("maxnorm keeps constant values at 0", () => {
  expect([...runOps(column(0, 0), [{ maxnorm: {} }], context).values]).toEqual([0, 0]);
});

test("batch_norm normalises the results of each basis function over the frames and columns of the recording", () => {
  const x = { shape: [4, 2], values: Float32Array.of(1, 2, 3, 5, 4, 8, 7, 0) };
  // Delta functions return the frames one and two bins before.
  const basis = { num_delta_funcs: 2, num_cosine_funcs: 0, history_bins: 4 };
  const { shape, values } = runOps(x, [{ temporal_basis: { ...basis, batch_norm: true } }], context);
  expect(shape).toEqual([4, 4]);
  const normed = (numbers: number[]) => {
    const mean = numbers.reduce((a, b) => a + b) / 8;
    const variance = numbers.reduce((sum, n) => sum + (n - mean) ** 2, 0) / 8;
    return numbers.map((n) => (n - mean) / Math.sqrt(variance + 1e-5));
  };
  const ofFunction = (f: number) => [...values].filter((_, i) => i % 2 === f);
  for (const [f, expected] of [
    [0, 0, 1, 2, 3, 5, 4, 8],
    [0, 0, 0, 0, 1, 2, 3, 5],
  ].entries())
    for (const [i, value] of normed(expected).entries()) expect(ofFunction(f)[i]).toBeCloseTo(value, 5);
});

test.each([1, 2, 7, 8, 12, 25])(
  "computes a Fourier transform of %d numbers that equals the defining sum",
  (length) => {
    const re = Float64Array.from({ length }, (_, n) => Math.sin(3 * n + 1));
    const im = Float64Array.from({ length }, (_, n) => Math.cos(5 * n));
    const found = fourier(length)({ re, im });
    for (let k = 0; k < length; k++) {
      let sum = 0;
      for (let n = 0; n < length; n++) {
        const angle = (-2 * Math.PI * n * k) / length;
        sum += re[n]! * Math.cos(angle) - im[n]! * Math.sin(angle);
      }
      expect(found.re[k]).toBeCloseTo(sum, 10);
    }
    const back = inverseFourier(length)(found);
    re.forEach((value, n) => {
      expect(back.re[n]).toBeCloseTo(value, 10);
    });
  },
);

test("rejects input that an operation cannot take", () => {
  const problem = (op: object) => {
    try {
      runOps(column(1, 2, 3), [op as Record<string, unknown>], context);
    } catch (error) {
      return (error as Error).message;
    }
    return "nothing was thrown";
  };
  expect(problem({ smooth: { params: 3 } })).toBe(
    "test: ops.0.smooth: its 19 taps need more than 9 frames; the recording has 3",
  );
  expect(problem({ fftwhitening: {} })).toBe(
    "test: ops.0.fftwhitening: needs a movie [T, H, W]; found shape [3,1]",
  );
  expect(problem({ select_units: { indices: [0, 4] } })).toBe(
    "test: ops.0.select_units: there is no column 4 in a covariate of shape [3,1]",
  );
  expect(problem({ temporal_basis: { num_cosine_funcs: 0 } })).toBe(
    "test: ops.0.temporal_basis: has no functions; num_cosine_funcs or num_delta_funcs must be over 0",
  );
});
