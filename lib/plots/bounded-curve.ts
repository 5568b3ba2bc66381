/** Numbers of one name over a run, to be drawn: a curve of many points is thinned to the least and the greatest of each stretch. */
export interface Curve {
  /** Optimizer steps. */
  x: number[];
  y: number[];
}

/** A stretch of a curve. */
interface Bucket {
  /** Points that are numbers. */
  count: number;
  /** Sums over these points. */
  sum: { x: number; y: number };
  low: { x: number; y: number };
  high: { x: number; y: number };
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
  private first: Bucket | undefined;
  private last: Bucket | undefined;

  /** @param most buckets to keep at most, an even number */
  constructor(private readonly most = MOST) {}

  /** @param y a value that is not finite is a gap */
  add(x: number, y: number): void {
    const point = bucketOf(x, y);
    this.first ??= point;
    this.last = point;
    if (this.filled < this.size) {
      this.filled++;
      this.buckets.push(merged(this.buckets.pop()!, point));
      return;
    }
    if (this.buckets.length === this.most) this.fold();
    this.buckets.push(point);
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
    for (const { count, sum } of this.buckets) {
      x.push(count === 0 ? sum.x : sum.x / count);
      y.push(count === 0 ? Number.NaN : sum.y / count);
    }
    return { x, y };
  }

  private points(): { x: number; y: number }[] {
    const kept = this.buckets.flatMap(({ count, low, high }) => {
      if (count < 2 || low === high) return [low];
      return low.x <= high.x ? [low, high] : [high, low];
    });
    if (this.size === 1) return kept;
    // Both ends stay where they are.
    const [first, last] = [this.first!.low, this.last!.low];
    return [...(kept[0] === first ? [] : [first]), ...kept, ...(kept.at(-1) === last ? [] : [last])];
  }

  private fold(): void {
    const { buckets } = this;
    this.buckets = Array.from({ length: buckets.length / 2 }, (_, i) =>
      merged(buckets[2 * i]!, buckets[2 * i + 1]!),
    );
    this.size *= 2;
  }
}

function bucketOf(x: number, y: number): Bucket {
  const count = Number.isFinite(y) ? 1 : 0;
  const at = { x, y: count === 1 ? y : Number.NaN };
  return { count, sum: at, low: at, high: at };
}

function merged(a: Bucket, b: Bucket): Bucket {
  if (b.count === 0) return a;
  if (a.count === 0) return b;
  return {
    count: a.count + b.count,
    sum: { x: a.sum.x + b.sum.x, y: a.sum.y + b.sum.y },
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
