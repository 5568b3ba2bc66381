import type { TensorMetadata, TFEOpAttr } from "#tfjs/backend";
import { ATTR } from "./attributes";
import { context } from "./context";
import { TF } from "./dtypes";
import { cpuFlags } from "./library";

/** The precision by Lightning's names: everything in float32, or convolutions and matrix products in bfloat16 and the rest in float32. */
export type Precision = "32-true" | "bf16-mixed";

/** The accepted spellings of each precision. */
export const PRECISIONS = {
  "32-true": "32-true",
  "bf16-mixed": "bf16-mixed",
  "32": "32-true",
  float32: "32-true",
  bf16: "bf16-mixed",
} as const satisfies Record<string, Precision>;

/** A precision by its full or short name: `32` and `float32` are `32-true`, `bf16` is `bf16-mixed`. */
export type PrecisionName = keyof typeof PRECISIONS;

/** The operations that compute products faster in bfloat16. Their internal sums stay in float32. */
const LOWERED = new Set([
  "Conv2D",
  "Conv2DBackpropInput",
  "Conv2DBackpropFilter",
  "Conv3D",
  "Conv3DBackpropInputV2",
  "Conv3DBackpropFilterV2",
  "MatMul",
  "BatchMatMulV2",
]);

/** Executes one op, or adds it to a graph. */
type Execute = (name: string, attributes: TFEOpAttr[], inputs: number[], outputs: number) => TensorMetadata[];

interface Host {
  readonly execute: Execute;
  dtypeOf(id: number): number;
  free(id: number): void;
}

/** Executes an op under `bf16-mixed`: casts float32 inputs to bfloat16, and the results back to float32. */
export function executeInBfloat16(
  { execute, dtypeOf, free }: Host,
  ...[name, attributes, inputs, outputs]: Parameters<Execute>
): TensorMetadata[] {
  if (!LOWERED.has(name)) return execute(name, attributes, inputs, outputs);
  const cast = (id: number, to: number) => {
    const target = { name: "DstT", type: ATTR.TYPE, value: to };
    return execute("Cast", [target], [id], 1)[0]!;
  };
  const lowered = inputs.map((id) => (dtypeOf(id) === TF.FLOAT ? cast(id, TF.BFLOAT16).id : id));
  const results = execute(name, attributes, lowered, outputs);
  lowered.forEach((id, i) => {
    if (id !== inputs[i]) free(id);
  });
  return results.map((result) => {
    if (result.dtype !== TF.BFLOAT16) return result;
    const raised = cast(result.id, TF.FLOAT);
    free(result.id);
    return raised;
  });
}

/** The CPU flags, as named by Linux, of instructions that make bfloat16 products faster than float32 products. */
const BF16_INSTRUCTIONS = ["avx512_bf16", "amx_bf16", "bf16"];

/**
 * Returns the reason why bfloat16 is slower on this device; undefined when it is faster.
 *
 * @param flags the flags of its CPU; ignored when there is a GPU
 */
export function bfloat16Problem(flags: ReadonlySet<string> | undefined = cpuFlags()): string | undefined {
  if (context().devices.some(({ type }) => type === "GPU")) return undefined;
  if (BF16_INSTRUCTIONS.some((name) => flags?.has(name))) return undefined;
  return (
    'precision "bf16-mixed" is not faster on this device: its CPU has no bfloat16 instructions ' +
    `(${BF16_INSTRUCTIONS.slice(0, 2).join(", ")}), so that TensorFlow emulates them, 10 to 20 times slower than float32`
  );
}

/** Checks that bfloat16 is faster on this device. @throws Error when it is not */
export function requireBfloat16(flags?: ReadonlySet<string>): void {
  const problem = bfloat16Problem(flags);
  if (problem)
    throw new Error(
      `${problem}. Use "32-true"; to test the numerics nevertheless, add \`forcePrecision: true\`.`,
    );
}

/** Returns the precision of a name. @throws RangeError for an unknown name, with the known ones */
export function precisionOf(name: PrecisionName): Precision {
  if (Object.hasOwn(PRECISIONS, name)) return PRECISIONS[name];
  throw new RangeError(
    `precision ${JSON.stringify(name)} is unknown; use one of: ${Object.keys(PRECISIONS).join(", ")}`,
  );
}
