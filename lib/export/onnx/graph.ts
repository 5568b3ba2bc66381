import { TF, toTypedArray } from "../../engine/dtypes";
import {
  type PortableConstant,
  type PortableGraph,
  type PortableNode,
  type PortableTensor,
  type Size,
  sizeFrom,
  tensorName,
} from "../graph/portable-graph";
import {
  type Attribute,
  GRAPH_FIELD,
  initializerField,
  nodeField,
  ONNX,
  type OnnxNode,
  valueField,
} from "./proto";

/** TensorFlow's numbers of types → those of ONNX. */
const TYPES: Readonly<Record<number, number>> = {
  [TF.FLOAT]: ONNX.FLOAT,
  [TF.INT32]: ONNX.INT32,
  [TF.UINT8]: ONNX.UINT8,
  [TF.INT64]: ONNX.INT64,
  [TF.BOOL]: ONNX.BOOL,
};

/** Returns ONNX' number of a type. */
export const typeOf = (dtype: number): number => TYPES[dtype]!;

/** An ONNX graph that grows node by node. */
export class OnnxGraph {
  private readonly nodes: OnnxNode[] = [];
  private readonly initializers: Buffer[] = [];
  private readonly shared = new Map<string, string>();
  private count = 0;
  private batch: string | undefined;

  constructor(private readonly graph: PortableGraph) {}

  /** Adds a node and returns the names of its outputs. */
  add(
    op: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>> = {},
    outputs: readonly string[] = [`${op}.${this.count++}`],
  ): string {
    this.nodes.push({ op, name: outputs[0]!, inputs, outputs, attributes });
    return outputs[0]!;
  }

  /** Returns the constant of a tensor; undefined for a computed one. */
  constantOf({ name }: PortableTensor): PortableConstant | undefined {
    return this.graph.constants.get(name);
  }

  /** Returns the name of a tensor. The first use of a constant adds it. */
  use(tensor: PortableTensor): string {
    const constant = this.constantOf(tensor);
    return constant ? this.once(tensor.name, () => this.added(tensor.name, constant)) : tensorName(tensor);
  }

  /** Returns the name of the output of a node of the original graph. */
  outputsOf({ name, outputs }: PortableNode): string[] {
    return outputs.map((_, output) => tensorName({ name, output }));
  }

  /** Adds a constant of whole numbers, some of which depend on the batch size. */
  sizes(values: readonly (number | Size)[]): string {
    const all = values.map(sizeFrom);
    return this.once(`sizes ${JSON.stringify(all)}`, () => {
      const base = this.int64(all.map((size) => size.base));
      if (all.every(({ perSample }) => perSample === 0)) return base;
      const scaled = this.add("Mul", [this.int64(all.map((size) => size.perSample)), this.batchSize()]);
      return this.add("Add", [base, scaled]);
    });
  }

  /** Adds a constant. */
  initializer(type: number, shape: readonly number[], values: ArrayBufferView): string {
    const name = `constant.${this.count++}`;
    this.initializers.push(initializerField(name, type, shape, values));
    return name;
  }

  /** Returns the fields of the graph. */
  fields(units: number): Buffer[] {
    const { inputs, result } = this.graph;
    this.add("Identity", [this.use(result)], {}, ["rates"]);
    return [
      ...this.nodes.map(nodeField),
      ...this.initializers,
      ...inputs.map(({ name, sample, dtype }) =>
        valueField(GRAPH_FIELD.INPUT, name, typeOf(dtype), ["batch", ...sample]),
      ),
      valueField(GRAPH_FIELD.OUTPUT, "rates", ONNX.FLOAT, ["batch", units]),
    ];
  }

  private int64(values: readonly number[]): string {
    return this.once(`int64 ${values}`, () =>
      this.initializer(ONNX.INT64, [values.length], BigInt64Array.from(values, BigInt)),
    );
  }

  private number(dtype: number, value: number): string {
    return this.once(`number ${dtype} ${value}`, () =>
      this.initializer(typeOf(dtype), [], toTypedArray(dtype, [value])),
    );
  }

  /** The number of samples, `[1]`. */
  private batchSize(): string {
    this.batch ??= this.add("Slice", [
      this.add("Shape", [this.graph.inputs[0]!.name]),
      this.int64([0]),
      this.int64([1]),
    ]);
    return this.batch;
  }

  private added(name: string, constant: PortableConstant): string {
    const { kind, dtype } = constant;
    switch (kind) {
      case "fixed": {
        const { shape, values } = constant;
        this.initializers.push(initializerField(name, typeOf(dtype), shape, values as Float32Array));
        return name;
      }
      case "sizes": {
        const flat = this.sizes(constant.values);
        const shaped =
          constant.shape.length === 1 ? flat : this.add("Reshape", [flat, this.int64(constant.shape)]);
        return this.add("Cast", [shaped], { to: typeOf(dtype) });
      }
      case "filled":
        return this.add("Expand", [this.number(dtype, constant.value), this.sizes(constant.shape)]);
      case "rows": {
        const { shape, first, step } = constant;
        const count = this.add("Squeeze", [this.sizes([constant.count]), this.int64([0])]);
        const samples = this.add("Range", [this.number(TF.INT64, 0), count, this.number(TF.INT64, 1)]);
        const column = this.add("Reshape", [samples, this.int64([-1, ...shape.map(() => 1)])]);
        const steps = this.add("Mul", [
          this.add("Cast", [column], { to: typeOf(dtype) }),
          this.number(dtype, step),
        ]);
        return this.add("Add", [
          this.initializer(typeOf(dtype), [1, ...shape], toTypedArray(dtype, first)),
          steps,
        ]);
      }
    }
  }

  private once(key: string, make: () => string): string {
    const made = this.shared.get(key) ?? make();
    this.shared.set(key, made);
    return made;
  }
}
