import { type Axis, isNamed, type Mark, PALETTE, type Panel } from "./panel";

/** A plotly figure, as https://plotly.com/javascript/reference describes it. */
export interface PlotlySpec {
  data: Record<string, unknown>[];
  layout: Record<string, unknown>;
}

/** Panels side by side as one plotly figure. */
export function toPlotly(panels: readonly Panel[]): PlotlySpec {
  const name = (axis: "x" | "y", i: number) => (i === 0 ? axis : `${axis}${i + 1}`);
  const axes = panels.flatMap((panel, i) => {
    const suffix = i === 0 ? "" : String(i + 1);
    const [from, to] = [i / panels.length + (i > 0 ? 0.05 : 0), (i + 1) / panels.length - 0.03];
    return [
      [`xaxis${suffix}`, { ...toAxis(panel.x), domain: [from, to], anchor: name("y", i) }],
      [
        `yaxis${suffix}`,
        { ...toAxis(panel.y), anchor: name("x", i), ...(panel.equal ? { scaleanchor: name("x", i) } : {}) },
      ],
    ];
  });
  const annotations = panels.map((panel, i) => ({
    text: panel.title ?? "",
    x: (i + 0.5) / panels.length,
    y: 1,
    yanchor: "bottom",
    yshift: 6,
    xref: "paper",
    yref: "paper",
    showarrow: false,
  }));
  return {
    data: panels.flatMap(({ marks }, i) =>
      marks.map((mark, k) => ({
        ...toTrace(mark, k),
        showlegend: isNamed(marks, mark),
        xaxis: name("x", i),
        yaxis: name("y", i),
      })),
    ),
    layout: {
      ...Object.fromEntries(axes),
      annotations,
      ...size(panels),
      margin: { t: 48, r: 20, b: 48, l: 60 },
      template: "plotly_white",
      // Beside the figure, where it hides no title.
      modebar: { orientation: "v" },
      legend: { orientation: "h", y: -0.22 },
    },
  };
}

const toAxis = ({ label, log, reverse }: Axis) => ({
  title: { text: label },
  zeroline: false,
  // A picture's axes end where it ends.
  constrain: "domain",
  ...(log ? { type: "log" } : {}),
  ...(reverse ? { autorange: "reversed" } : {}),
});

function toTrace(mark: Mark, index: number): Record<string, unknown> {
  if (mark.kind === "image") {
    const { values, width, height, range, palette, origin = [0, 0] } = mark;
    const z = Array.from({ length: height }, (_, row) =>
      Array.from({ length: width }, (_, column) => values[row * width + column]!),
    );
    const colorscale = palette === "gray" ? "Greys" : "RdBu";
    // "Greys" and "RdBu" run from dark to light and from blue to red only when reversed.
    const reversescale = palette === "gray";
    const ends = range ? { zmin: range[0], zmax: range[1] } : {};
    return {
      type: "heatmap",
      z,
      x0: origin[0],
      y0: origin[1],
      colorscale,
      reversescale,
      showscale: false,
      ...ends,
    };
  }
  const color = mark.color ?? PALETTE[index % PALETTE.length];
  // JSON has no NaN; null is plotly's gap in a line too.
  const gaps = (values: ArrayLike<number>) =>
    Array.from(values, (value) => (Number.isNaN(value) ? null : value));
  const points = { x: gaps(mark.x), y: gaps(mark.y), name: mark.name };
  if (mark.kind === "line") return { type: "scatter", mode: "lines", line: { color, width: 1.5 }, ...points };
  const symbol = mark.symbol === "cross" ? "x-thin-open" : "circle-open";
  const marker = mark.symbol === "tick" ? { color, size: 3 } : { color, symbol, size: 9 };
  return { type: "scatter", mode: "markers", marker, ...points };
}

/** Fits the width of a notebook's output. */
function size(panels: readonly Panel[]): { width: number; height: number } {
  if (panels.length > 1) return { width: Math.min(940, 400 * panels.length), height: 360 };
  return panels[0]!.equal ? { width: 520, height: 540 } : { width: 700, height: 360 };
}
