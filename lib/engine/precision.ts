import type { TensorMetadata, TFEOpAttr } from "#tfjs/backend";
import { ATTR } from "./attributes";
import { context } from "./context";
import { TF } from "./dtypes";
import { cpuFlags } from "./library";

/** Lightning's names: all in float32, or convolutions and matrix products in bfloat16 and the rest in float32. */
export type Precision = "32-true" | "bf16-mixed";

/** Operations whose time is in products that hardware does faster in bfloat16; sums stay in float32 inside them. */
const LOWERED = new Set([
  ...["Conv2D", "Conv2DBackpropInput", "Conv2DBackpropFilter"],
  ...["Conv3D", "Conv3DBackpropInputV2", "Conv3DBackpropFilterV2"],
  ...["MatMul", "BatchMatMulV2"],
]);

/** Executes one op, or adds it to a graph. */
type Execute = (name: string, attributes: TFEOpAttr[], inputs: number[], outputs: number) => TensorMetadata[];

interface Host {
  readonly execute: Execute;
  dtypeOf(id: number): number;
  free(id: number): void;
}

/** Executes an op under `bf16-mixed`: float32 goes in and comes out, and in between it is bfloat16. */
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

/** Instructions that make bfloat16 products faster than those of float32, by the names that Linux gives them. */
const BF16_INSTRUCTIONS = ["avx512_bf16", "amx_bf16", "bf16"];

/**
 * Why this device gains nothing by bfloat16; undefined when it does.
 *
 * @param flags of its CPU; no matter where there is a GPU
 */
export function bfloat16Problem(flags: ReadonlySet<string> | undefined = cpuFlags()): string | undefined {
  if (context().devices.some(({ type }) => type === "GPU")) return undefined;
  if (BF16_INSTRUCTIONS.some((name) => flags?.has(name))) return undefined;
  return (
    'precision "bf16-mixed" gains nothing on this device: its CPU has no bfloat16 instructions ' +
    `(${BF16_INSTRUCTIONS.slice(0, 2).join(", ")}), so that TensorFlow emulates them, 10 to 20 times slower than float32`
  );
}

/** @throws Error when this device gains nothing by bfloat16 */
export function requireBfloat16(flags?: ReadonlySet<string>): void {
  const problem = bfloat16Problem(flags);
  if (problem)
    throw new Error(
      `${problem}. Use "32-true"; to test the numerics nevertheless, add \`forcePrecision: true\`.`,
    );
}
