import type { DataType, KernelBackend, Tensor, TensorInfo } from "@tensorflow/tfjs-core";

/** The members of tfjs-node-gpu 4.22.0 that the engine uses, with the backend's private ones that it overrides. */

/** A tensor that TensorFlow holds, under the number that the binding gave it. */
export interface TensorMetadata {
  id: number;
  shape: number[];
  dtype: number;
}

/** An attribute of a TensorFlow operation. */
export interface TFEOpAttr {
  name: string;
  type: number;
  value: boolean | number | object | string | number[];
}

type DataId = object;
type BackendValues = Float32Array | Int32Array | Uint8Array | Uint8Array[];

/** tfjs's backend class over a native binding. Importing this module registers its kernels for the name "tensorflow". */
export declare class NodeJSKernelBackend extends KernelBackend {
  constructor(binding: object, packageName: string);
  readonly binding: object;
  readonly tensorMap: { get(dataId: DataId): { id: number; refCount: number; values: unknown } };
  createOutputTensor(metadata: TensorMetadata): Tensor;
  getInputTensorIds(tensors: TensorInfo[]): number[];
  override write(values: BackendValues, shape: number[], dtype: DataType): DataId;
  executeSingleInput(name: string, input: TensorInfo): Tensor;
  executeSingleOutput(name: string, attributes: TFEOpAttr[], inputs: TensorInfo[]): Tensor;
  executeMultipleOutputs(name: string, attributes: TFEOpAttr[], inputs: TensorInfo[], outputs: number): Tensor[];
  applyActivation<T extends Tensor>(input: T, activation: string, preluWeights?: Tensor, leakyreluAlpha?: number): T;
}

/** TensorFlow's number for a tfjs type. */
export declare function getTFDType(dtype: DataType): number;

/** The attribute that gives the type of an operation's inputs. */
export declare function createTensorsTypeOpAttr(name: string, tensorsOrDtype: Tensor | Tensor[] | DataType): TFEOpAttr;
