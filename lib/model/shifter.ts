import { z } from "zod";
import { tf } from "../engine";
import { type Component, component, type Weights } from "../nn";
import { uniformByFanIn, zeros } from "../nn/initializers";
import { sessionWeights } from "../nn/plan";
import { ofEachSample } from "./batch";
import type { PlannedShifter } from "./stages";

const options = z.strictObject({
  hidden_dim: z.int().positive().default(10),
  /** The maximum shift in pixels, enforced by a tanh; null for no limit. */
  max_shift: z.number().positive().nullable().default(null),
});

/** Computes `W2 tanh(W1 e + b1) + b2`, initially 0; with a limit m, `m tanh` of that. */
export const mlp = component(options, (o, _at, sessions: number): PlannedShifter => {
  const { hidden_dim: hidden, max_shift: limit } = o;
  const initial = uniformByFanIn(2);
  const each = [
    { name: "layers.0.weight", shape: [2, hidden], initial },
    { name: "layers.0.bias", shape: [hidden], initial },
    { name: "layers.1.weight", shape: [hidden, 2], initial: zeros },
    { name: "layers.1.bias", shape: [2], initial: zeros },
  ];
  return {
    weights: Array.from({ length: sessions }, (_, session) => sessionWeights(session, each)).flat(),
    apply: (eyepos, dataset, get: Weights) => {
      const of = (name: string) => ofEachSample(name, sessions, dataset, get);
      const layer = (x: tf.Tensor3D, i: number) =>
        tf.add<tf.Tensor3D>(
          tf.matMul(x, of(`layers.${i}.weight`) as tf.Tensor3D),
          tf.expandDims(of(`layers.${i}.bias`), 1),
        );
      const moved = layer(tf.tanh(layer(tf.expandDims(eyepos, 1), 0)), 1);
      const offset = tf.squeeze(moved, [1]) as tf.Tensor2D;
      return limit === null ? offset : tf.mul(tf.tanh(offset), limit);
    },
  };
});

/** Does not shift positions. */
const none = component(z.strictObject({}), (): PlannedShifter => ({ weights: [] }));

/** `shifter.type` → the shifters of all sessions. */
export const shifters: Record<string, Component<[sessions: number], PlannedShifter>> = { none, mlp };
