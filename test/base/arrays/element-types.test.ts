import { expect, test } from "vitest";
import { ELEMENT_TYPES } from "../../../lib/base/arrays/element-types";

const [LEAST, MOST] = [-(2n ** 63n), 2n ** 63n - 1n];
const NUMBERS = [
  0n,
  1n,
  -1n,
  2n ** 32n - 1n,
  2n ** 32n,
  -(2n ** 32n),
  2n ** 53n + 1n,
  2n ** 53n + 3n,
  LEAST,
  MOST,
];

test.each([
  ["int64", BigInt64Array],
  ["uint64", BigUint64Array],
] as const)("reads %s as the nearest doubles", (dtype, BigArray) => {
  const values = BigArray.from(
    NUMBERS.map((value) => (dtype === "int64" ? value : BigInt.asUintN(64, value))),
  );
  const found = ELEMENT_TYPES[dtype]!.decode!(new Uint8Array(values.buffer));
  expect(found).toEqual(Float64Array.from(values as Iterable<bigint>, Number));
});
