/** The points of a curve to draw. A curve of many points is reduced to the minimum and maximum of each section. */
export interface Curve {
  /** Optimizer steps. */
  x: number[];
  y: number[];
}

/** A point of a curve; `y` is NaN where the value is missing. */
interface Point {
  x: number;
  y: number;
}

/** A section of a curve. */
interface Bucket {
  /** The number of points with finite values. */
  count: number;
  /** Sums over these points. */
  sumX: number;
  sumY: number;
  low: Point;
  high: Point;
}

/** The default maximum number of buckets. A curve of fewer points is kept unchanged. */
const MOST = 4096;

/**
 * A curve of any number of points in bounded memory. Up to `most` points are kept unchanged; then neighbours are repeatedly merged into
 * buckets of twice the length. The minimum and maximum of each bucket are drawn, and its mean is smoothed. Therefore every peak stays
 * visible, and an image with fewer pixel columns than buckets does not change. Adding a point takes constant time on average.
 *
 * Drawing the minimum and maximum of each column follows Jugel et al., "M4: a visualization-oriented time series data
 * aggregation", VLDB 2014.
 */
export class BoundedCurve implements Curve {
  private buckets: Bucket[] = [];
  /** The number of points in a full bucket, and in the last one. */
  private size = 1;
  private filled = 1;
  private first: Point | undefined;
  private last: Point = { x: 0, y: 0 };

  /** @param most the maximum number of buckets, an even number */
  constructor(private readonly most = MOST) {}

  /** Adds a point. @param y a non-finite value makes a gap */
  add(x: number, y: number): void {
    const { last } = this;
    last.x = x;
    last.y = Number.isFinite(y) ? y : Number.NaN;
    this.first ??= { ...last };
    if (this.filled < this.size) {
      this.filled++;
      addPoint(this.buckets.at(-1)!, last);
      return;
    }
    if (this.buckets.length === this.most) this.fold();
    this.buckets.push(bucketOf({ ...last }));
    this.filled = 1;
  }

  get x(): number[] {
    return this.points().map(({ x }) => x);
  }

  /** The values of the points that are kept. */
  get y(): number[] {
    return this.points().map(({ y }) => y);
  }

  /** Returns the points to draw. */
  drawn(): Curve {
    return { x: this.x, y: this.y };
  }

  /** Returns the mean of each bucket for smoothing; the points themselves if there are few. */
  means(): Curve {
    const [x, y]: [number[], number[]] = [[], []];
    for (const { count, sumX, sumY, low } of this.buckets) {
      x.push(count === 0 ? low.x : sumX / count);
      y.push(sumY / count);
    }
    return { x, y };
  }

  private points(): Point[] {
    const kept = this.buckets.flatMap(({ count, low, high }) => {
      if (count < 2 || low.y === high.y) return [low];
      return low.x <= high.x ? [low, high] : [high, low];
    });
    if (this.size === 1) return kept;
    // Keeps the first and the last point.
    const { first, last } = this;
    const [begins, ends] = [kept[0]!.x === first!.x, kept.at(-1)!.x === last.x];
    return [...(begins ? [] : [first!]), ...kept, ...(ends ? [] : [{ ...last }])];
  }

  private fold(): void {
    const { buckets } = this;
    this.buckets = Array.from({ length: buckets.length / 2 }, (_, i) =>
      merged(buckets[2 * i]!, buckets[2 * i + 1]!),
    );
    this.size *= 2;
  }
}

function bucketOf(point: Point): Bucket {
  const number = !Number.isNaN(point.y);
  const sums = number ? { count: 1, sumX: point.x, sumY: point.y } : { count: 0, sumX: 0, sumY: 0 };
  return { ...sums, low: point, high: point };
}

/** Adds a copy of a point to a bucket. */
function addPoint(bucket: Bucket, point: Readonly<Point>): void {
  if (Number.isNaN(point.y)) return;
  const begins = bucket.count === 0;
  bucket.count++;
  bucket.sumX += point.x;
  bucket.sumY += point.y;
  if (begins || point.y < bucket.low.y) bucket.low = { ...point };
  if (begins || point.y > bucket.high.y) bucket.high = { ...point };
}

function merged(a: Bucket, b: Bucket): Bucket {
  if (b.count === 0) return a;
  if (a.count === 0) return b;
  return {
    count: a.count + b.count,
    sumX: a.sumX + b.sumX,
    sumY: a.sumY + b.sumY,
    low: b.low.y < a.low.y ? b.low : a.low,
    high: b.high.y > a.high.y ? b.high : a.high,
  };
}

/** Reduces a line to at most `2 · buckets + 2` points. A line that is not a function of x, such as an outline, is returned unchanged. */
export function thinned(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  buckets: number,
): { x: ArrayLike<number>; y: ArrayLike<number> } {
  if (x.length <= 2 * buckets) return { x, y };
  const curve = new BoundedCurve(buckets);
  for (let i = 0; i < x.length; i++) {
    if (i > 0 && !(x[i]! >= x[i - 1]!)) return { x, y };
    curve.add(x[i]!, y[i]!);
  }
  return curve.drawn();
}
