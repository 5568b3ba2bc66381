import { readdirSync, readFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { expect } from "vitest";
import { tf } from "../../lib/engine";

/** An array of reference numbers in row-major order. */
export interface GoldenArray {
  shape: number[];
  data: number[];
  dtype?: "uint8" | "int32" | "float64";
}

export type GoldenArrays = Record<string, GoldenArray>;

/** One case of a file in `golden/`, as its README describes it. */
export interface GoldenCase {
  name: string;
  note?: string;
  params: Record<string, unknown>;
  inputs: GoldenArrays;
  weights: GoldenArrays;
  outputs: GoldenArrays;
  grads: GoldenArrays;
}

/** Compares one case with the product. @throws Error when they differ */
export type Check = (golden: GoldenCase) => Promise<void> | void;

/** `GOLDEN` names another folder of the same format. */
const FOLDER = process.env.GOLDEN ? resolve(process.env.GOLDEN) : join(__dirname, "golden");

/** The components for which the folder has reference numbers. */
export function goldenFiles(): string[] {
  const files = readdirSync(FOLDER).filter((file) => file.endsWith(".json"));
  return files.map((file) => basename(file, ".json")).sort();
}

export function readGolden(file: string): GoldenCase[] {
  return JSON.parse(readFileSync(join(FOLDER, `${file}.json`), "utf8")) as GoldenCase[];
}

/** Converts to float32. */
export function toTensor({ data, shape }: GoldenArray): tf.Tensor {
  return tf.tensor(data, shape, "float32");
}

const RTOL = 1e-4;
const ATOL = 1e-5;

/** Compares an array with reference numbers: `|a - b| <= atol max(1, max|b|) + rtol |b|`. */
export function expectClose(name: string, found: ArrayLike<number>, golden: GoldenArray): void {
  expect(found.length, `${name}: number of values`).toBe(golden.data.length);
  const largest = golden.data.reduce((a, b) => Math.max(a, Math.abs(b)), 1);
  let worst = { at: -1, excess: 0 };
  golden.data.forEach((b, at) => {
    const excess = Math.abs(found[at]! - b) / (ATOL * largest + RTOL * Math.abs(b));
    // Written so that NaN is an error too.
    if (!(excess <= Math.max(1, worst.excess))) worst = { at, excess };
  });
  const { at, excess } = worst;
  if (at >= 0)
    throw new Error(
      `${name}[${at}] is ${found[at]}, the reference ${golden.data[at]}: ${excess.toFixed(1)} times what is tolerated`,
    );
}

export function expectTensor(name: string, found: tf.Tensor, golden: GoldenArray): void {
  expect(found.shape, `${name}: shape`).toEqual(golden.shape);
  expectClose(name, found.dataSync(), golden);
}
