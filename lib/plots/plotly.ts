import { escapeHtml } from "../jupyter";
import { COLORS, css } from "./image";
import { layOut } from "./layout";
import {
  type Arrangement,
  type Axis,
  extremes,
  type ImageMark,
  isNamed,
  type Mark,
  PALETTE,
  type Panel,
} from "./panel";

/** A plotly figure, as https://plotly.com/javascript/reference describes it. */
export interface PlotlySpec {
  data: Record<string, unknown>[];
  layout: Record<string, unknown>;
}

/** Below the panels, for the legend. */
const LEGEND = 36;

/** Panels as one plotly figure. Plotly reads tags and entities in its texts, so names are escaped. */
export function toPlotly(panels: readonly Panel[], arrangement: Arrangement = {}): PlotlySpec {
  const { places, ...size } = layOut(panels, arrangement);
  const name = (axis: "x" | "y", i: number) => (i === 0 ? axis : `${axis}${i + 1}`);
  const domains = places.map(({ left, top, width, height, margin }) => ({
    x: [(left + margin.left) / size.width, (left + width - margin.right) / size.width] as const,
    y: [1 - (top + height - margin.bottom) / size.height, 1 - (top + margin.top) / size.height] as const,
  }));
  const axes = panels.flatMap((panel, i) => {
    const suffix = i === 0 ? "" : String(i + 1);
    const { x, y } = domains[i]!;
    const { span } = places[i]!;
    return [
      [`xaxis${suffix}`, { ...toAxis(panel, "x", span?.x), domain: x, anchor: name("y", i) }],
      [
        `yaxis${suffix}`,
        {
          ...toAxis(panel, "y", span?.y),
          domain: y,
          anchor: name("x", i),
          ...(panel.equal ? { scaleanchor: name("x", i) } : {}),
        },
      ],
    ];
  });
  const annotations = panels.map((panel, i) => ({
    text: escapeHtml(panel.title ?? ""),
    x: (domains[i]!.x[0] + domains[i]!.x[1]) / 2,
    y: domains[i]!.y[1],
    xanchor: "center",
    yanchor: "bottom",
    yshift: 6,
    xref: "paper",
    yref: "paper",
    showarrow: false,
  }));
  const named = panels.some(({ marks }) => marks.some((mark) => isNamed(marks, mark)));
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
      width: size.width + MODEBAR,
      height: size.height + (named ? LEGEND : 0),
      margin: { t: 0, r: MODEBAR, b: named ? LEGEND : 0, l: 0 },
      template: "plotly_white",
      // Beside the figure, where it hides no title.
      modebar: { orientation: "v" },
      legend: { orientation: "h", yref: "container", y: 0, yanchor: "bottom" },
    },
  };
}

const MODEBAR = 30;

function toAxis({ bare, ...panel }: Panel, axis: "x" | "y", span?: readonly [number, number]) {
  const { label, log, reverse, range }: Axis = panel[axis];
  // Plotly wants a logarithmic axis' ends as logarithms.
  const shown = span ?? (log ? range?.map(Math.log10) : range);
  return {
    // Near the numbers: plotly leaves as much room as a panel has.
    title: { text: bare ? "" : escapeHtml(label), standoff: 8 },
    zeroline: false,
    // A picture's axes end where it ends.
    constrain: "domain",
    ...(bare ? { visible: false } : {}),
    ...(log ? { type: "log" } : {}),
    ...(shown ? { range: reverse ? shown.toReversed() : shown } : reverse ? { autorange: "reversed" } : {}),
  };
}

function toTrace(mark: Mark, index: number): Record<string, unknown> {
  if (mark.kind === "image") return heatmap(mark);
  const color = mark.color ?? PALETTE[index % PALETTE.length];
  const points = { x: numbers(mark.x), y: numbers(mark.y), name: escapeHtml(mark.name) };
  switch (mark.kind) {
    case "line": {
      const line = { color, width: mark.faint ? 1 : 1.5, ...(mark.dash ? { dash: "dash" } : {}) };
      return { type: "scatter", mode: "lines", line, ...(mark.faint ? { opacity: 0.3 } : {}), ...points };
    }
    case "band": {
      const x = [...points.x, ...points.x.toReversed()];
      const y = [...points.y, ...numbers(mark.to).toReversed()];
      const fill = { fill: "toself", fillcolor: color, opacity: 0.2, line: { width: 0 }, hoverinfo: "skip" };
      return { type: "scatter", mode: "lines", ...fill, ...points, x, y };
    }
    case "text":
      return {
        type: "scatter",
        mode: "text",
        text: mark.text.map(escapeHtml),
        textfont: { color, size: 10 },
        ...points,
      };
    case "points": {
      const symbol = { cross: "x-thin-open", circle: "circle-open", star: "star", tick: "circle" };
      const size = { cross: 9, circle: 9, star: 13, tick: 3 };
      const kind = mark.symbol ?? "circle";
      return {
        type: "scatter",
        mode: "markers",
        // A last point lies on the panel's edge, and is whole there.
        cliponaxis: false,
        marker: { color, symbol: symbol[kind], size: size[kind] },
        ...points,
      };
    }
  }
}

function heatmap({ values, width, height, range, palette, origin = [0, 0] }: ImageMark) {
  const all = numbers(values);
  const [zmin, zmax] = range ?? extremes(values);
  return {
    type: "heatmap",
    z: Array.from({ length: height }, (_, row) => all.slice(row * width, (row + 1) * width)),
    x0: origin[0],
    y0: origin[1],
    colorscale: COLORS[palette].map((color, i) => [i / 2, css(color)]),
    showscale: false,
    zmin,
    zmax,
  };
}

/** JSON has no NaN; null is plotly's gap too. Six digits are more than can be seen. */
const numbers = (values: ArrayLike<number>): (number | null)[] =>
  Array.from(values, (value) => (Number.isFinite(value) ? Number(value.toPrecision(6)) : null));
