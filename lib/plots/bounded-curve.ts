/** Numbers of one name over a run, to be drawn: a curve of many points is thinned to the least and the greatest of each stretch. */
export interface Curve {
  /** Optimizer steps. */
  x: number[];
  y: number[];
}

/** A point of a curve; `y` is NaN where there is no number. */
interface Point {
  x: number;
  y: number;
}

/** A stretch of a curve. */
interface Bucket {
  /** Points that are numbers. */
  count: number;
  /** Sums over these points. */
  sumX: number;
  sumY: number;
  low: Point;
  high: Point;
}

/** Buckets of a curve at most, by default: a curve of fewer points is kept whole. */
const MOST = 4096;

/**
 * A curve that takes any number of points in bounded memory. Points are kept as they are up to `most`; then neighbours are merged
 * into buckets of twice the length, again and again, of which the least and the greatest value are drawn and the mean is smoothed. So
 * every peak stays, and a picture with fewer columns of pixels than there are buckets does not change. Adding a point takes constant
 * time on average.
 *
 * The drawing of the least and greatest value of each column is that of Jugel et al., "M4: a visualization-oriented time series data
 * aggregation", VLDB 2014.
 */
export class BoundedCurve implements Curve {
  private buckets: Bucket[] = [];
  /** Points in a full bucket, and in the last one. */
  private size = 1;
  private filled = 1;
  private first: Point | undefined;
  private last: Point = { x: 0, y: 0 };

  /** @param most buckets to keep at most, an even number */
  constructor(private readonly most = MOST) {}

  /** @param y a value that is not finite is a gap */
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

  get y(): number[] {
    return this.points().map(({ y }) => y);
  }

  /** What is drawn. */
  drawn(): Curve {
    return { x: this.x, y: this.y };
  }

  /** The mean of each bucket, to be smoothed: the points themselves where there are few. */
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
    // Both ends stay where they are.
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

/** The point is copied where it is kept. */
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

/** Thins a line to at most `2 · buckets + 2` points. A line that is no function of x, such as an outline, is returned as it is. */
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
