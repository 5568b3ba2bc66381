/** The shape of one sample between two layers: frames of a feature map. Tensors are `[batch, time, height, width, channels]`. */
export interface VideoShape {
  readonly time: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/** Lengths or amounts per axis in the order of the configuration: time, height, width. */
export type Triple = readonly [time: number, height: number, width: number];

/** A map between axes: position `i` of the output corresponds to position `scale * i + offset` (pixels) of the input. */
export interface AxisMap {
  readonly scale: number;
  readonly offset: number;
}

/** The positions of output pixels on the input. */
export interface Geometry {
  readonly y: AxisMap;
  readonly x: AxisMap;
}

const SAME_AXIS: AxisMap = { scale: 1, offset: 0 };
/** The identity: output pixels lie on the same input pixels. */
export const SAME_PLACE: Geometry = { y: SAME_AXIS, x: SAME_AXIS };

/** Returns the map of windows of `size` at intervals of `stride`; the first window begins `padding` before the axis. */
export function windowAxis(size: number, stride: number, padding = 0): AxisMap {
  return { scale: stride, offset: (size - 1) / 2 - padding };
}

/** Composes two geometries: first `inner` (nearer to the stimulus), then `outer`. */
export function composeGeometry(inner: Geometry, outer: Geometry): Geometry {
  const axis = (a: AxisMap, b: AxisMap) => ({
    scale: a.scale * b.scale,
    offset: a.scale * b.offset + a.offset,
  });
  return { y: axis(inner.y, outer.y), x: axis(inner.x, outer.x) };
}
