import type { TwinView } from "../../lib/twin/stimulus";

/** A drifting grating over the whole frame. */
export interface ShownGrating {
  /** The direction of drift in degrees, counter-clockwise from rightwards. */
  readonly direction: number;
  /** Cycles per degree, or per pixel where the size of a pixel is unknown. */
  readonly spatialFrequency: number;
  /** Cycles per second. */
  readonly temporalFrequency: number;
  /** 0 to 1. */
  readonly contrast: number;
}

/**
 * Draws the frames of a grating that a twin sees, `[lags, height, width]`: the stimulus `gratings` of `gradbook/insilico` without tensors,
 * because a notebook's front end has none.
 *
 * @param cycles the cycles by which the newest frame has drifted; at 0, there is a bright bar at the centre of the frame
 */
export function gratingWindow(
  { direction, spatialFrequency, temporalFrequency, contrast }: ShownGrating,
  { height, width, lags, samplingRate, pixelsPerDegree = 1 }: TwinView,
  cycles: number,
): Float32Array {
  const window = new Float32Array(lags.length * height * width);
  const angle = (direction * Math.PI) / 180;
  const [right, up] = [Math.cos(angle), Math.sin(angle)];
  const perPixel = spatialFrequency / pixelsPerDegree;
  let at = 0;
  for (const lag of lags) {
    const drift = cycles - (temporalFrequency * lag) / samplingRate;
    for (let row = 0; row < height; row++)
      for (let column = 0; column < width; column++) {
        const along = right * (column - (width - 1) / 2) - up * (row - (height - 1) / 2);
        window[at++] = contrast * Math.cos(2 * Math.PI * (along * perPixel - drift));
      }
  }
  return window;
}
