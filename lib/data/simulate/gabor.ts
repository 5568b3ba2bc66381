/** A Gabor function on pixels; positions from the frame's centre, angles in radians. */
export interface Gabor {
  y: number;
  x: number;
  orientation: number;
  /** The wavelength in pixels. */
  wavelength: number;
  phase: number;
  /** The standard deviation of the envelope in pixels. */
  sigma: number;
}

/** Adds `amplitude` times the Gabor to a `[size, size]` frame. */
export function addGabor(frame: Float32Array, size: number, gabor: Gabor, amplitude = 1): void {
  const { orientation, wavelength, phase, sigma } = gabor;
  const centre = (size - 1) / 2;
  const [cos, sin] = [Math.cos(orientation), Math.sin(orientation)];
  const reach = Math.ceil(3 * sigma);
  const range = (at: number) => [
    Math.max(0, Math.floor(centre + at - reach)),
    Math.min(size - 1, centre + at + reach),
  ];
  const [[top, bottom], [left, right]] = [range(gabor.y), range(gabor.x)] as [number[], number[]];
  for (let row = top!; row <= bottom!; row++) {
    for (let column = left!; column <= right!; column++) {
      const [dy, dx] = [row - centre - gabor.y, column - centre - gabor.x];
      const envelope = Math.exp(-(dy * dy + dx * dx) / (2 * sigma * sigma));
      const wave = Math.cos((2 * Math.PI * (dx * cos + dy * sin)) / wavelength + phase);
      frame[row * size + column]! += amplitude * envelope * wave;
    }
  }
}

/** Returns the Gabor as a filter with mean 0 (no response to uniform light) and norm 1. */
export function gaborFilter(size: number, gabor: Gabor): Float32Array {
  const filter = new Float32Array(size * size);
  addGabor(filter, size, gabor);
  const mean = filter.reduce((a, b) => a + b, 0) / filter.length;
  const centred = filter.map((value) => value - mean);
  const norm = Math.sqrt(centred.reduce((a, b) => a + b * b, 0));
  return centred.map((value) => value / norm);
}
