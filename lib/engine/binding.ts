import type { TensorMetadata, TFEOpAttr } from "#tfjs/backend";
import { ATTR, setAttribute } from "./attributes";
import { context } from "./context";
import { TF } from "./dtypes";
import { Handles, type Values } from "./handles";
import { groupInputs, ownAttributes } from "./op-signature";
import { executeInBfloat16, type Precision } from "./precision";
import type { Trace } from "./trace";

const UNSUPPORTED = "Saved models are not supported: gradbook's checkpoints are safetensors files.";

/**
 * The native binding that tfjs-node's backend class expects (its `tfjs_binding.d.ts`), over TensorFlow's C API instead of a
 * compiled addon. While a trace is open, ops become nodes of its graph instead of being executed.
 */
export class TensorFlowBinding {
  readonly TF_FLOAT = TF.FLOAT;
  readonly TF_INT32 = TF.INT32;
  readonly TF_INT64 = TF.INT64;
  readonly TF_BOOL = TF.BOOL;
  readonly TF_COMPLEX64 = TF.COMPLEX64;
  readonly TF_STRING = TF.STRING;
  readonly TF_RESOURCE = TF.RESOURCE;
  readonly TF_UINT8 = TF.UINT8;
  readonly TF_ATTR_STRING = ATTR.STRING;
  readonly TF_ATTR_INT = ATTR.INT;
  readonly TF_ATTR_FLOAT = ATTR.FLOAT;
  readonly TF_ATTR_BOOL = ATTR.BOOL;
  readonly TF_ATTR_TYPE = ATTR.TYPE;
  readonly TF_ATTR_SHAPE = ATTR.SHAPE;
  readonly TF_ATTR_RESOURCE = ATTR.RESOURCE;

  /** The tensors held by TensorFlow. */
  readonly handles = new Handles();
  /** The open trace while a function is being compiled. */
  trace: Trace | undefined;
  /** The precision of the ops that are called now. */
  precision: Precision = "32-true";

  get TF_Version(): string {
    return context().c.version();
  }

  createTensor(shape: number[], dtype: number, values: ArrayLike<unknown>): number {
    const id = this.handles.create(shape, dtype, values);
    this.trace?.constants.set(id, { shape, dtype, values });
    return id;
  }

  deleteTensor(id: number): void {
    // Negative numbers are nodes of a graph, which is freed as a whole.
    if (id > 0) this.handles.delete(id);
  }

  tensorDataSync(id: number): Values {
    if (id < 0) {
      const op = this.trace?.nameOf(id);
      throw new Error(
        `${op ? `The result of ${op}` : "A tensor of a compiled function"} was read (dataSync, data, array, print) ` +
          "where it has no value yet: a compiled function only describes the computation. Return the tensor and read " +
          "it outside, or run the function eagerly with `compile: false`.",
      );
    }
    return this.handles.read(id);
  }

  executeOp(
    ...op: [name: string, attributes: TFEOpAttr[], inputs: number[], outputs: number]
  ): TensorMetadata[] {
    if (this.precision === "32-true") return this.execute(...op);
    const host = {
      execute: this.execute.bind(this),
      dtypeOf: (id: number) => (id < 0 ? this.trace!.dtypeOf(id) : this.handles.describe(id).dtype),
      free: this.deleteTensor.bind(this),
    };
    return executeInBfloat16(host, ...op);
  }

  private execute(
    name: string,
    attributes: TFEOpAttr[],
    inputs: number[],
    outputs: number,
  ): TensorMetadata[] {
    if (this.trace) return this.trace.addOp(name, attributes, inputs, outputs);
    const { c, pointer, status, check } = context();
    const op = c.newOp(pointer, name, status);
    check(name);
    try {
      for (const attribute of ownAttributes(name, attributes)) setAttribute("eager", op, attribute);
      for (const input of groupInputs(
        name,
        inputs.map((id) => this.handles.get(id)),
      )) {
        if (Array.isArray(input)) c.opAddInputList(op, input, input.length, status);
        else c.opAddInput(op, input, status);
        check(name);
      }
      const results: bigint[] = new Array(outputs).fill(null);
      c.execute(op, results, [outputs], status);
      check(name);
      return results.map((handle) => this.handles.adopt(handle));
    } finally {
      c.deleteOp(op);
    }
  }

  getNumOfTensors(): number {
    return this.handles.count;
  }
  /** tfjs calls this when the package is imported, before TensorFlow is loaded. Use `devices()` for the actual devices. */
  isUsingGpuDevice(): boolean {
    return false;
  }
  getNumOfSavedModels(): number {
    return 0;
  }
  loadSavedModel(): number {
    throw new Error(UNSUPPORTED);
  }
  deleteSavedModel(): void {
    throw new Error(UNSUPPORTED);
  }
  runSavedModel(): TensorMetadata[] {
    throw new Error(UNSUPPORTED);
  }
}
