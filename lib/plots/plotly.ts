import { extremes } from "../base/dsp/extremes";
import { escapeHtml } from "../base/jupyter/table";
import { shorten } from "../base/terminal/fit-line";
import { thinned } from "./bounded-curve";
import { COLORS, css } from "./image";
import { LEGEND_ROW, layOut, type Placement } from "./layout";
import { type Arrangement, type Axis, type ImageMark, type Mark, PALETTE, type Panel } from "./panel";

/** A plotly figure, as https://plotly.com/javascript/reference describes it. */
export interface PlotlySpec {
  data: Record<string, unknown>[];
  layout: Record<string, unknown>;
}

/** The maximum number of sections of a line, each drawn by its minimum and maximum: enough for zooming, while a page stays small. */
const LINE_BUCKETS = 1000;

/** Converts panels to one plotly figure. Plotly interprets tags and entities in texts, so names are escaped. */
export function toPlotly(panels: readonly Panel[], arrangement: Arrangement = {}): PlotlySpec {
  const { places, ...size } = layOut(panels, arrangement);
  const domains = places.map((place) => domainOf(place, size));
  const legends = legendsOf(places, size);
  const data = panels.flatMap(({ marks }, i) =>
    marks.map((mark, k) => {
      const legend = legends.find(({ panel, marks }) => panel === i && marks.includes(k));
      return {
        ...toTrace(mark, k),
        showlegend: legend !== undefined,
        ...(legend ? { legend: legend.id } : {}),
        xaxis: numbered("x", i),
        yaxis: numbered("y", i),
      };
    }),
  );
  const layout = {
    ...Object.fromEntries(panels.flatMap((panel, i) => axesOf(panel, i, domains[i]!, places[i]!.span))),
    ...Object.fromEntries(legends.map(({ id, layout }) => [id, layout])),
    annotations: panels.map(({ title = "" }, i) => titleOf(title, domains[i]!, places[i]!.width)),
    width: size.width + MODEBAR,
    height: size.height,
    margin: { t: 0, r: MODEBAR, b: 0, l: 0 },
    template: "plotly_white",
    showlegend: legends.length > 0,
    // A vertical mode bar beside the figure does not hide titles.
    modebar: { orientation: "v" },
  };
  return { data, layout };
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** The share of the figure that a panel's axes cover, from the left and from the bottom. */
interface Domain {
  readonly x: readonly [number, number];
  readonly y: readonly [number, number];
}

function domainOf({ left, top, width, height, margin }: Placement, size: Size): Domain {
  return {
    x: [(left + margin.left) / size.width, (left + width - margin.right) / size.width],
    y: [1 - (top + height - margin.bottom) / size.height, 1 - (top + margin.top) / size.height],
  };
}

/** Returns plotly's name of something in panel `i`: without a number in the first panel. */
const numbered = (name: string, i: number) => (i === 0 ? name : `${name}${i + 1}`);

function axesOf(panel: Panel, i: number, { x, y }: Domain, span: Placement["span"]) {
  const anchors = { x: numbered("x", i), y: numbered("y", i) };
  const scale = panel.equal ? { scaleanchor: anchors.x } : {};
  return [
    [numbered("xaxis", i), { ...toAxis(panel, "x", span?.x), domain: x, anchor: anchors.y }],
    [numbered("yaxis", i), { ...toAxis(panel, "y", span?.y), domain: y, anchor: anchors.x, ...scale }],
  ];
}

/** Returns the title of a panel, centred above its axes and shortened to its width. */
function titleOf(title: string, { x, y }: Domain, width: number) {
  return {
    text: escapeHtml(shorten(title, Math.floor(width / TITLE_CHARACTER))),
    x: (x[0] + x[1]) / 2,
    y: y[1],
    xanchor: "center",
    yanchor: "bottom",
    yshift: 6,
    xref: "paper",
    yref: "paper",
    showarrow: false,
  };
}

/** Returns a separate legend for each row of a panel's legend, because plotly wraps rows only by the figure's width. */
function legendsOf(places: readonly Placement[], { width, height }: Size) {
  const rows = places.flatMap((place, panel) =>
    place.legend.map((entries, row) => {
      const top = place.legendTop + LEGEND_ROW * row;
      const at = { x: (place.left + place.margin.left) / width, y: 1 - top / height };
      return { panel, marks: entries.map(({ mark }) => mark), at };
    }),
  );
  return rows.map(({ panel, marks, at }, i) => ({
    id: numbered("legend", i),
    panel,
    marks,
    layout: {
      ...at,
      xanchor: "left",
      yanchor: "top",
      orientation: "h",
      bgcolor: "rgba(0,0,0,0)",
      borderwidth: 0,
      tracegroupgap: 0,
      font: { size: 11 },
    },
  }));
}

const MODEBAR = 30;

/** The width of a character of a title in pixels. */
const TITLE_CHARACTER = 6.2;

function toAxis({ bare, ...panel }: Panel, axis: "x" | "y", span?: readonly [number, number]) {
  const { label, log, reverse, range }: Axis = panel[axis];
  // Plotly needs the range of a logarithmic axis as logarithms.
  const shown = span ?? (log ? range?.map(Math.log10) : range);
  return {
    // Keeps the title near the numbers; plotly's default distance is too large.
    title: { text: bare ? "" : escapeHtml(label), standoff: 8 },
    zeroline: false,
    // The axes of an image end at its edges.
    constrain: "domain",
    ...(bare ? { visible: false } : {}),
    ...(log ? { type: "log" } : {}),
    ...(shown ? { range: reverse ? shown.toReversed() : shown } : reverse ? { autorange: "reversed" } : {}),
  };
}

function toTrace(mark: Mark, index: number): Record<string, unknown> {
  if (mark.kind === "image") return heatmap(mark);
  const color = mark.color ?? PALETTE[index % PALETTE.length];
  const { x, y } = mark.kind === "line" ? thinned(mark.x, mark.y, LINE_BUCKETS) : mark;
  const points = { x: numbers(x), y: numbers(y), name: escapeHtml(mark.name) };
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
        // Draws points on the panel's edge without clipping.
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

/** Converts numbers for JSON, which has no NaN: null is a gap in plotly. Six digits exceed the visible precision. */
const numbers = (values: ArrayLike<number>): (number | null)[] =>
  Array.from(values, (value) => (Number.isFinite(value) ? Number(value.toPrecision(6)) : null));
