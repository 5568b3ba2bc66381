/** What one sample is between two layers: frames of a feature map. Tensors are `[batch, time, height, width, channels]`. */
export interface VideoShape {
  readonly time: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/** Axis lengths or amounts in the order of the configuration: time, height, width. */
export type Triple = readonly [time: number, height: number, width: number];

/** Position `i` on the output's axis looks at position `scale * i + offset` (pixels) of the input's. */
export interface AxisMap {
  readonly scale: number;
  readonly offset: number;
}

/** Where output pixels lie on the input. */
export interface Geometry {
  readonly y: AxisMap;
  readonly x: AxisMap;
}

const SAME_AXIS: AxisMap = { scale: 1, offset: 0 };
/** Output pixels are the input's. */
export const SAME_PLACE: Geometry = { y: SAME_AXIS, x: SAME_AXIS };

/** The map of a window of `size` moved by `stride` over an axis, the first one `padding` before its start. */
export function windowAxis(size: number, stride: number, padding = 0): AxisMap {
  return { scale: stride, offset: (size - 1) / 2 - padding };
}

/** First `inner` (nearer to the stimulus), then `outer`. */
export function composeGeometry(inner: Geometry, outer: Geometry): Geometry {
  const axis = (a: AxisMap, b: AxisMap) => ({
    scale: a.scale * b.scale,
    offset: a.scale * b.offset + a.offset,
  });
  return { y: axis(inner.y, outer.y), x: axis(inner.x, outer.x) };
}
