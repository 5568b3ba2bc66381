import { tf } from "../engine";
import { type Plan, plainPlan } from "./plan";
import type { Triple, VideoShape } from "./shape";

export interface PadOptions {
  kernelSize: Triple;
  dilation: Triple;
  padding: Triple;
  /** Time is then padded on the past side only, by all that the kernel reaches back. */
  causal: boolean;
}

/** Frames and pixels added on both sides of each axis. */
function padAmounts({ kernelSize, dilation, padding, causal }: PadOptions) {
  const past = causal ? (kernelSize[0] - 1) * dilation[0] : padding[0];
  return [
    [past, causal ? 0 : padding[0]],
    [padding[1], padding[1]],
    [padding[2], padding[2]],
  ] as const;
}

/** Repeats the edge. Space by `padding`; time by `padding` too, or on the past side only. */
export function planPad(options: PadOptions, input: VideoShape): Plan {
  const [time, rows, columns] = padAmounts(options);
  const output = {
    time: input.time + time[0] + time[1],
    height: input.height + rows[0] + rows[1],
    width: input.width + columns[0] + columns[1],
    channels: input.channels,
  };
  const geometry = { y: { scale: 1, offset: -rows[0] }, x: { scale: 1, offset: -columns[0] } };
  const apply = (x: tf.Tensor5D) => [time, rows, columns].reduce((y, by, i) => replicate(y, i + 1, by), x);
  return plainPlan(output, apply, geometry);
}

function replicate(x: tf.Tensor5D, axis: number, [before, after]: readonly [number, number]): tf.Tensor5D {
  if (before + after === 0) return x;
  const size = x.shape.with(axis, 1);
  const edge = (at: number) => tf.slice(x, [0, 0, 0, 0, 0].with(axis, at), size);
  const first = before > 0 ? edge(0) : undefined;
  const last = after > 0 ? edge(x.shape[axis]! - 1) : undefined;
  return tf.concat([...Array(before).fill(first), x, ...Array(after).fill(last)], axis);
}
