import { z } from "zod";
import { below, type Place, problemAt } from "../../base/config";
import { tf } from "../../engine";
import { component } from "../component";
import { validOutput } from "../conv/valid";
import type { Newest } from "../newest";
import { type Plan, plainPlan } from "../plan";
import { type Triple, type VideoShape, windowAxis } from "../shape";
import { amounts, sizes, triple } from "../triple";
import type { PlannedPool } from "./planned";

const options = z.strictObject({ kernel_size: sizes, stride: sizes.optional(), padding: amounts.default(0) });

/** A value below any activation. It is finite, so that its product with 0 is 0. */
const LEAST = -3e38;

type Pool = (x: tf.Tensor5D, size: [number, number, number], stride: [number, number, number]) => tf.Tensor5D;

function pooling(kind: Pick<Plan, "takesLargest">, outside: number, pool: Pool) {
  return component(options, ({ kernel_size, stride = kernel_size, padding }, at, input: VideoShape) =>
    planWindow(
      { size: triple(kernel_size), stride: triple(stride), padding: triple(padding), kind, outside, pool },
      at,
      input,
    ),
  );
}

interface WindowPool {
  size: Triple;
  stride: Triple;
  padding: Triple;
  kind: Pick<Plan, "takesLargest">;
  /** The value of padding. */
  outside: number;
  pool: Pool;
}

function planWindow(
  { size, stride, padding, kind, outside, pool }: WindowPool,
  at: Place,
  input: VideoShape,
): PlannedPool {
  if (padding.some((by, axis) => 2 * by > size[axis]!))
    throw problemAt(below(at, "padding"), `[${padding}] is over half of the kernel [${size}]`);
  const padded = {
    time: input.time + 2 * padding[0],
    height: input.height + 2 * padding[1],
    width: input.width + 2 * padding[2],
    channels: input.channels,
  };
  const output = { ...validOutput(padded, size, stride, [1, 1, 1], at), channels: input.channels };
  const geometry = {
    y: windowAxis(size[1], stride[1], padding[1]),
    x: windowAxis(size[2], stride[2], padding[2]),
  };
  const around = [0, ...padding, 0].map((by) => [by, by] as [number, number]);
  const apply = (x: tf.Tensor5D) => {
    const y = padding.some((by) => by > 0) ? tf.pad(x, around, outside) : x;
    return pool(y, [...size], [...stride]);
  };
  // Without padding in time, starting at a later frame yields the same windows.
  const newest = (frames: number): Newest<Plan> => {
    const needs = input.time - (output.time - frames) * stride[0];
    return { plan: { ...plainPlan({ ...output, time: frames }, apply, geometry), ...kind }, needs };
  };
  const plan: Plan = { ...plainPlan(output, apply, geometry), ...kind };
  return { plan: padding[0] === 0 ? { ...plan, newest } : plan, stride };
}

/** Takes the largest value of each window. `stride` is `kernel_size` by default. */
export const max = pooling({ takesLargest: true }, LEAST, (x, size, stride) =>
  tf.maxPool3d(x, size, stride, "valid"),
);

/** Takes the mean of each window, including padded zeros. `stride` is `kernel_size` by default. */
export const avg = pooling({}, 0, (x, size, stride) => tf.avgPool3d(x, size, stride, "valid"));
