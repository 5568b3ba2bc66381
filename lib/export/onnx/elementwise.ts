import { TF } from "../../engine/dtypes";
import { typeOf } from "./graph";
import type { Convert, Operation } from "./operation";

/** Makes a conversion to one node with the same inputs. */
const same =
  (op: string): Convert =>
  (operation) =>
    operation.result(op, operation.inputs());

/** Adds a constant number of the type of the operation's output. */
const number = (operation: Operation, value: number) => operation.floats([], Float32Array.of(value));

/** The operations on each value of their inputs, which are broadcast, by TensorFlow's names. */
export const ELEMENTWISE: Readonly<Record<string, Convert>> = {
  Abs: same("Abs"),
  Acos: same("Acos"),
  Add: same("Add"),
  AddN: same("Sum"),
  AddV2: same("Add"),
  Asin: same("Asin"),
  Atan: same("Atan"),
  Cast: (operation) => {
    const to = operation.attribute<number>("DstT", TF.FLOAT);
    operation.result("Cast", [operation.input(0)], { to: typeOf(to) });
  },
  ClipByValue: (operation) => {
    const [x, least, most] = operation.inputs() as [string, string, string];
    operation.result("Min", [operation.step("Max", [x, least]), most]);
  },
  Ceil: same("Ceil"),
  Cos: same("Cos"),
  Elu: same("Elu"),
  Equal: same("Equal"),
  Erf: same("Erf"),
  Exp: same("Exp"),
  Expm1: (operation) => {
    const power = operation.step("Exp", [operation.input(0)]);
    operation.result("Sub", [power, number(operation, 1)]);
  },
  Floor: same("Floor"),
  Greater: same("Greater"),
  GreaterEqual: same("GreaterOrEqual"),
  Identity: same("Identity"),
  LeakyRelu: (operation) => {
    const alpha = operation.attribute("alpha", 0.2);
    operation.result("LeakyRelu", [operation.input(0)], { alpha: { float: alpha } });
  },
  Less: same("Less"),
  LessEqual: same("LessOrEqual"),
  Log: same("Log"),
  Log1p: (operation) => {
    const sum = operation.step("Add", [operation.input(0), number(operation, 1)]);
    operation.result("Log", [sum]);
  },
  LogicalAnd: same("And"),
  LogicalNot: same("Not"),
  LogicalOr: same("Or"),
  Maximum: same("Max"),
  Minimum: same("Min"),
  Mul: same("Mul"),
  Neg: same("Neg"),
  NotEqual: (operation) => operation.result("Not", [operation.step("Equal", operation.inputs())]),
  Pow: same("Pow"),
  RealDiv: same("Div"),
  Reciprocal: same("Reciprocal"),
  Relu: same("Relu"),
  Relu6: (operation) =>
    operation.result("Clip", [operation.input(0), number(operation, 0), number(operation, 6)]),
  Round: same("Round"),
  Rsqrt: (operation) => operation.result("Reciprocal", [operation.step("Sqrt", [operation.input(0)])]),
  // The engine broadcasts the condition, so that it has the shape of the values.
  Select: same("Where"),
  SelectV2: same("Where"),
  Selu: same("Selu"),
  Sigmoid: same("Sigmoid"),
  Sign: same("Sign"),
  Sin: same("Sin"),
  Softmax: (operation) => operation.result("Softmax", [operation.input(0)], { axis: operation.rank - 1 }),
  Softplus: same("Softplus"),
  Sqrt: same("Sqrt"),
  Square: (operation) => operation.result("Mul", [operation.input(0), operation.input(0)]),
  SquaredDifference: (operation) => {
    const difference = operation.step("Sub", operation.inputs());
    operation.result("Mul", [difference, difference]);
  },
  Sub: same("Sub"),
  Tan: same("Tan"),
  Tanh: same("Tanh"),
};
