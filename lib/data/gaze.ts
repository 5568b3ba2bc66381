/** Replaces gaze `[frames, 2]` by standard deviations from its mean, on each axis. NaN is left out of both, and stays NaN. */
export function standardize(eyepos: Float32Array): void {
  for (const axis of [0, 1]) {
    const own = eyepos.filter((x, i) => i % 2 === axis && Number.isFinite(x));
    const mean = own.reduce((sum, x) => sum + x, 0) / own.length;
    const deviation = Math.sqrt(own.reduce((sum, x) => sum + (x - mean) ** 2, 0) / own.length);
    for (let i = axis; i < eyepos.length; i += 2) eyepos[i] = (eyepos[i]! - mean) / (deviation || 1);
  }
}
