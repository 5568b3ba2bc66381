import { parseHTML } from "linkedom";
import { expect, test } from "vitest";
import { DISPLAY } from "../../lib/jupyter";
import { Figure } from "../../lib/plots/figure";
import { LivePlot } from "../../lib/plots/live-plot";
import { thin } from "../../lib/plots/svg";
import { kernelsFigure, positionsFigure } from "../../lib/plots/twin";

const svgOf = (figure: Figure) => parseHTML(String(figure.svgBundle()["image/svg+xml"])).document;

test("a figure is drawn as plotly, as SVG and in words", () => {
  const figure = kernelsFigure([Float32Array.of(0, 1, -1), [0.5, 0, 0]], 100);
  const bundle = figure[DISPLAY]();
  expect(Object.keys(bundle)).toEqual(["application/vnd.plotly.v1+json", "image/svg+xml", "text/plain"]);
  const { data, layout } = bundle["application/vnd.plotly.v1+json"] as {
    data: { x: number[]; y: number[] }[];
    layout: object;
  };
  expect(data.map(({ x, y }) => [x, y])).toEqual([
    [[-20, -10, 0], [0, 1, -1]],
    [[-20, -10, 0], [0.5, 0, 0]],
  ]); // biome-ignore format: a table
  expect(layout).toMatchObject({ xaxis: { title: { text: "time (ms)" } } });
  expect(bundle["text/plain"]).toBe("2 temporal kernels of 3 taps");
  const document = svgOf(figure);
  expect(document.querySelectorAll("g[aria-label=line] path")).toHaveLength(2);
  expect(document.querySelector("svg")!.getAttribute("xmlns")).toBe("http://www.w3.org/2000/svg");
});

test("an image is one rectangle a pixel, and text is escaped", () => {
  const marks = [
    { kind: "image" as const, palette: "gray" as const, values: [0, 1, 2, 3, 4, 5], width: 3, height: 2 },
  ];
  const figure = new Figure(
    [{ title: "a<b", x: { label: "x" }, y: { label: "y", reverse: true }, marks }],
    "six pixels",
  );
  const fills = [...svgOf(figure).querySelectorAll("g[aria-label=rect] rect")].map((rect) =>
    rect.getAttribute("fill"),
  );
  expect(fills).toHaveLength(6);
  expect([fills[0], fills[5]]).toEqual(["rgb(0,0,0)", "rgb(255,255,255)"]);
  expect(String(figure.svgBundle()["image/svg+xml"])).toContain("a&#60;b");
});

test("positions: the median distance of pairs", () => {
  const figure = positionsFigure(
    [{ y: 0, x: 0 }, { y: 3, x: 4 }, { y: 1, x: 0 }],
    [{ y: 0, x: 1 }, { y: 0, x: 0 }, { y: 1, x: 2 }],
    { height: 21, width: 21 },
  ); // biome-ignore format: pairs
  expect(figure.text).toBe("median distance of learned and true positions: 2.00 pixels");
});

test("long curves are thinned and keep their last point", () => {
  const points = Array.from({ length: 10_001 }, (_, i) => i);
  const kept = thin(points);
  expect(kept.length).toBeLessThanOrEqual(401);
  expect(kept.at(-1)).toBe(10_000);
  expect(thin(points.slice(0, 300))).toHaveLength(300);
});

test("the live plot follows the events, and is silent outside a notebook", () => {
  const plot = new LivePlot(["train_loss", "val_bps_overall"]);
  for (let step = 1; step <= 3; step++)
    plot.observe({ event: "step", epoch: 0, step, train_loss: 1 / step, lr: 1, samples_per_s: 1 });
  plot.observe({ event: "validation", epoch: 0, step: 3, train_loss: 9, val_bps_overall: 0.5 });
  const [loss, bps] = plot.figure().panels;
  expect(loss!.marks[0]).toMatchObject({ x: [1, 2, 3], y: [1, 1 / 2, 1 / 3] });
  expect(bps!.marks[0]).toMatchObject({ x: [3], y: [0.5] });
  expect(plot.figure().text).toBe("train_loss 0.3333, val_bps_overall 0.5000");
});
