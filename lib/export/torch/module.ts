import type { tf } from "../../engine";
import type { NamedArray } from "../../trainer/checkpoint/safetensors";
import type { Call, Expression } from "./expression";

/** A module of the Python file: the expression that makes it, and its values. */
export interface TorchModule {
  readonly code: Call;
  /** Its parameters and buffers by their names in its `state_dict`. */
  readonly state: ReadonlyMap<string, NamedArray>;
}

/** The contents of a module. */
export interface Contents {
  /** Keyword arguments of its constructor. */
  readonly options?: Readonly<Record<string, Expression>>;
  /** Its own parameters and buffers; undefined ones are left out. */
  readonly tensors?: Readonly<Record<string, tf.Tensor | undefined>>;
  /** The modules that its constructor takes as keyword arguments and stores under the same names. */
  readonly parts?: Readonly<Record<string, TorchModule>>;
  /** The modules that its constructor makes by itself. */
  readonly inner?: Readonly<Record<string, TorchModule>>;
}

/** Describes a module by its class, the constructor's arguments, and its contents. */
export function torchModule(
  callee: string,
  args: readonly Expression[] = [],
  { options = {}, tensors = {}, parts = {}, inner = {} }: Contents = {},
): TorchModule {
  const own = Object.entries(tensors).flatMap(([name, tensor]): [string, NamedArray][] =>
    tensor ? [[name, arrayOf(tensor)]] : [],
  );
  const kwargs = { ...options, ...codeOf(parts) };
  return { code: { callee, args, kwargs }, state: new Map([...own, ...statesOf({ ...inner, ...parts })]) };
}

/** The module that returns its input. */
export const identity = torchModule("nn.Identity");

/** Describes modules that are applied one after another, with names; absent ones are left out. */
export function sequential(given: Readonly<Record<string, TorchModule | undefined>>): TorchModule {
  const parts = Object.fromEntries(Object.entries(given).filter(([, part]) => part)) as Parts;
  if (Object.keys(parts).length === 0) return identity;
  const named = { callee: "OrderedDict", args: [], kwargs: codeOf(parts) };
  return { code: { callee: "nn.Sequential", args: [named], kwargs: {} }, state: statesOf(parts) };
}

/** Describes modules that are applied one after another, numbered from 0. */
export function inOrder(modules: readonly TorchModule[]): TorchModule {
  if (modules.length === 1) return modules[0]!;
  const code = { callee: "nn.Sequential", args: modules.map((module) => module.code), kwargs: {} };
  return { code, state: statesOf(Object.fromEntries(modules.entries())) };
}

type Parts = Readonly<Record<string, TorchModule>>;

function codeOf(parts: Parts): Record<string, Expression> {
  return Object.fromEntries(Object.entries(parts).map(([name, { code }]) => [name, code]));
}

function statesOf(parts: Parts): Map<string, NamedArray> {
  const named = Object.entries(parts).flatMap(([part, { state }]) =>
    [...state].map(([name, array]) => [`${part}.${name}`, array] as const),
  );
  return new Map(named);
}

/** Returns the values of a tensor. */
function arrayOf(tensor: tf.Tensor): NamedArray {
  return { shape: [...tensor.shape], values: Float32Array.from(tensor.dataSync()) };
}
