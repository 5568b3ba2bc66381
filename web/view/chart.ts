import { UNIT_COLOURS } from "./colours";

/** A curve of a chart. */
export interface Curve {
  readonly x: ArrayLike<number>;
  /** NaN where there is no value yet. */
  readonly y: ArrayLike<number>;
  /** The place among the colours of units. */
  readonly colour: number;
}

/** The options of a chart. */
export interface ChartOptions {
  /** The first and the last value of the horizontal axis. */
  readonly range: readonly [number, number];
  /** The values with a label on the horizontal axis. */
  readonly ticks: readonly number[];
  /** The unit behind these labels. Default: none */
  readonly unit?: string;
  /** Whether each value has a dot. Default false */
  readonly dots?: boolean;
}

/** The dashes of curves, by colour, so that they can be told apart without it. */
const DASHES = [[], [6, 3], [2, 2], [8, 2, 2, 2], [4, 4], [1, 3]] as const;
const MARGIN = { left: 36, right: 14, top: 6, bottom: 18 };

/** The places of values on a canvas. */
interface Axes {
  readonly least: number;
  readonly most: number;
  x(value: number): number;
  y(value: number): number;
}

/** Draws curves with their axes onto a canvas, whose size on the page it takes. The vertical axis contains 0. */
export function drawChart(canvas: HTMLCanvasElement, curves: readonly Curve[], options: ChartOptions): void {
  const { clientWidth: width, clientHeight: height } = canvas;
  const context = cleared(canvas, width, height);
  const [first, last] = options.range;
  const [least, most] = extent(curves);
  const [inner, tall] = [width - MARGIN.left - MARGIN.right, height - MARGIN.top - MARGIN.bottom];
  const axes: Axes = {
    least,
    most,
    x: (value) => MARGIN.left + ((value - first) / (last - first || 1)) * inner,
    y: (value) => height - MARGIN.bottom - ((value - least) / (most - least)) * tall,
  };
  drawAxes(context, axes, options, height);
  for (const curve of curves) drawCurve(context, axes, curve, options.dots ?? false);
}

/** Fits the canvas to its size on the page, and clears it. */
function cleared(canvas: HTMLCanvasElement, width: number, height: number): CanvasRenderingContext2D {
  const scale = devicePixelRatio;
  const [columns, rows] = [Math.round(width * scale), Math.round(height * scale)];
  if (canvas.width !== columns || canvas.height !== rows)
    Object.assign(canvas, { width: columns, height: rows });
  const context = canvas.getContext("2d")!;
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.clearRect(0, 0, width, height);
  return context;
}

function drawAxes(
  context: CanvasRenderingContext2D,
  { x, y, least, most }: Axes,
  { range: [first, last], ticks, unit = "" }: ChartOptions,
  height: number,
): void {
  const style = getComputedStyle(context.canvas);
  context.font = `11px ${style.fontFamily}`;
  context.fillStyle = style.color;
  context.strokeStyle = style.borderColor;
  context.strokeRect(x(first), y(most), x(last) - x(first), y(least) - y(most));
  context.textAlign = "center";
  for (const tick of ticks) context.fillText(`${tick}${unit}`, x(tick), height - 5);
  context.textAlign = "right";
  const label = (value: number) => (value === 0 ? "0" : value.toPrecision(2));
  context.fillText(label(most), MARGIN.left - 4, y(most) + 9);
  context.fillText(label(least), MARGIN.left - 4, y(least));
}

function drawCurve(
  context: CanvasRenderingContext2D,
  axes: Axes,
  { x, y, colour }: Curve,
  dots: boolean,
): void {
  context.strokeStyle = UNIT_COLOURS[colour]!;
  context.fillStyle = UNIT_COLOURS[colour]!;
  context.lineWidth = 2;
  context.setLineDash(DASHES[colour]!);
  context.beginPath();
  for (let i = 0; i < x.length; i++) {
    if (Number.isNaN(y[i]!)) continue;
    const [column, row] = [axes.x(x[i]!), axes.y(y[i]!)];
    context.lineTo(column, row);
    if (dots) context.fillRect(column - 2, row - 2, 4, 4);
  }
  context.stroke();
  context.setLineDash([]);
}

/** Returns the range of all values and 0. */
function extent(curves: readonly Curve[]): [number, number] {
  let [least, most] = [0, 0];
  for (const { y } of curves)
    for (let i = 0; i < y.length; i++)
      if (!Number.isNaN(y[i]!)) [least, most] = [Math.min(least, y[i]!), Math.max(most, y[i]!)];
  return most > least ? [least, most] : [0, 1];
}
