/** The number of points of an outline; the last point repeats the first. */
const POINTS = 25;

/**
 * Returns for each mask an ellipse at one standard deviation from its centre, from its first and second moments.
 *
 * @param masks `[N, height * width]`, each of sum 1
 * @returns for each point of the outline, (y, x) of all units, `[points][N][2]`, rows and columns of the mask from 0
 */
export function outlinesOf(
  masks: ArrayLike<number>,
  { height, width }: { height: number; width: number },
): [number, number][][] {
  const pixels = height * width;
  const units = Array.from({ length: masks.length / pixels }, (_, unit) => {
    const sum = (value: (y: number, x: number) => number) => {
      let total = 0;
      for (let p = 0; p < pixels; p++)
        total += masks[unit * pixels + p]! * value(Math.floor(p / width), p % width);
      return total;
    };
    const [y, x] = [sum((row) => row), sum((_, column) => column)];
    const yy = sum((row) => (row - y) ** 2);
    const xx = sum((_, column) => (column - x) ** 2);
    const xy = sum((row, column) => (row - y) * (column - x));
    // The Cholesky factor of the covariance, which maps the unit circle to the ellipse.
    const a = Math.sqrt(yy);
    const b = a > 0 ? xy / a : 0;
    const c = Math.sqrt(Math.max(0, xx - b * b));
    return { y, x, a, b, c };
  });
  return Array.from({ length: POINTS }, (_, k) => {
    const angle = (2 * Math.PI * k) / (POINTS - 1);
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    return units.map(({ y, x, a, b, c }): [number, number] => [y + a * cos, x + b * cos + c * sin]);
  });
}
