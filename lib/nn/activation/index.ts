import type { Component } from "../component";
import type { Plan } from "../plan";
import type { VideoShape } from "../shape";
import { bsoftplus } from "./bsoftplus";
import { gelu, leakyrelu, mish, none, relu, sigmoid, silu, softplus, square, tanh } from "./pointwise";
import { splitrelu } from "./splitrelu";

/** `act_type` → activation. */
export const activations: Record<string, Component<[input: VideoShape], Plan>> = {
  relu,
  leakyrelu,
  gelu,
  sigmoid,
  tanh,
  silu,
  swish: silu,
  mish,
  softplus,
  bsoftplus,
  splitrelu,
  square,
  none,
};
