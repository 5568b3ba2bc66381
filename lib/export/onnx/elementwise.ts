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
  Add: same("Add"),
  AddN: same("Sum"),
  AddV2: same("Add"),
  Cast: (operation) => {
    const to = operation.attribute<number>("DstT", TF.FLOAT);
    operation.result("Cast", [operation.input(0)], { to: typeOf(to) });
  },
  ClipByValue: (operation) => {
    const [x, least, most] = operation.inputs() as [string, string, string];
    operation.result("Min", [operation.step("Max", [x, least]), most]);
  },
  Cos: same("Cos"),
  Elu: same("Elu"),
  Equal: same("Equal"),
  Erf: same("Erf"),
  Exp: same("Exp"),
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
  Relu: same("Relu"),
  Relu6: (operation) =>
    operation.result("Clip", [operation.input(0), number(operation, 0), number(operation, 6)]),
  Round: same("Round"),
  Rsqrt: (operation) => operation.result("Reciprocal", [operation.step("Sqrt", [operation.input(0)])]),
  // The engine broadcasts the condition, so that it has the shape of the values.
  Select: same("Where"),
  SelectV2: same("Where"),
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
  Tanh: same("Tanh"),
};
