import { parseHTML } from "linkedom";
import { PNG } from "pngjs";
import { expect, test } from "vitest";
import { DISPLAY } from "../../lib/base/jupyter/display";
import { Curves } from "../../lib/plots/curves";
import { curvesFigure } from "../../lib/plots/curves-figure";
import { Figure } from "../../lib/plots/figure";
import { toPng } from "../../lib/plots/image";
import { LivePlot } from "../../lib/plots/live-plot";
import { kernelsFigure, positionsFigure } from "../../lib/plots/twin";

const svgOf = (figure: Figure) => parseHTML(String(figure.svgBundle()["image/svg+xml"])).document;

test("draws a figure with plotly, as SVG and as text", () => {
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

test("draws true kernels beside the learned ones on the same time axis, whatever their numbers of taps", () => {
  const { layout } = kernelsFigure([[0, 1, -1]], 100, [{ temporalKernel: [1, 0] }]).plotly();
  expect(layout).toMatchObject({ xaxis: { range: [-20, 0] }, xaxis2: { range: [-20, 0] } });
});

test("draws an image as squares of its colors, blank where it is NaN, and escapes text", () => {
  const values = [0, 1, 2, 3, Number.NaN, 5];
  const marks = [{ kind: "image" as const, palette: "gray" as const, values, width: 3, height: 2 }];
  const figure = new Figure(
    [{ title: "a<b", x: { label: "x" }, y: { label: "y", reverse: true }, marks }],
    "six pixels",
  );
  const uri = svgOf(figure).querySelector("image")!.getAttribute("href")!;
  const { width, height, data } = PNG.sync.read(Buffer.from(uri.split(",")[1]!, "base64"));
  const scale = width / 3;
  expect([scale % 1, height]).toEqual([0, 2 * scale]);
  const pixel = (row: number, column: number) => {
    const at = 4 * (Math.floor((row + 0.5) * scale) * width + Math.floor((column + 0.5) * scale));
    return [...data.subarray(at, at + 4)];
  };
  expect([pixel(0, 0), pixel(1, 2), pixel(1, 1)[3]]).toEqual([[0, 0, 0, 255], [255, 255, 255, 255], 0]);
  const [heatmap] = figure.plotly().data as { z: (number | null)[][] }[];
  expect(heatmap!.z).toEqual([[0, 1, 2], [3, null, 5]]); // biome-ignore format: rows
  expect(figure.svg()).toContain("a&#60;b");
});

test("wraps panels into rows", () => {
  const panel = {
    x: { label: "" },
    y: { label: "" },
    marks: [{ kind: "line" as const, name: "", x: [0, 1], y: [1, 2] }],
  };
  const figure = new Figure([panel, panel, panel], "three", { columns: 2, width: 200, height: 100 });
  const inner = [...svgOf(figure).querySelectorAll("svg > svg")].map((svg) => [
    svg.getAttribute("x"),
    svg.getAttribute("y"),
  ]);
  expect(inner).toEqual([
    ["0", "0"],
    ["200", "0"],
    ["0", "100"],
  ]);
  const { yaxis, yaxis3 } = figure.plotly().layout as Record<string, { domain: number[] }>;
  expect(yaxis3!.domain[1]!).toBeLessThan(yaxis!.domain[0]!);
});

test("converts a figure to pixels without a browser", () => {
  const figure = kernelsFigure([Float32Array.of(0, 1, -1)], 100);
  const { width, height, bytes } = toPng(figure.svg());
  const image = PNG.sync.read(bytes);
  expect([image.width, image.height]).toEqual([width, height]);
  // The curve is drawn: some pixels have the first color of the palette.
  let blue = 0;
  for (let at = 0; at < image.data.length; at += 4)
    if (image.data[at] === 0x1f && image.data[at + 1] === 0x77 && image.data[at + 2] === 0xb4) blue++;
  expect(blue).toBeGreaterThan(50);
});

test("measures positions by the median distance of pairs", () => {
  const figure = positionsFigure(
    [{ y: 0, x: 0 }, { y: 3, x: 4 }, { y: 1, x: 0 }],
    [{ y: 0, x: 1 }, { y: 0, x: 0 }, { y: 1, x: 2 }],
    { height: 21, width: 21 },
  ); // biome-ignore format: pairs
  expect(figure.text).toBe("median distance of learned and true positions: 2.00 pixels");
});

test("the live plot follows the events, and shows nothing outside a notebook", () => {
  const plot = new LivePlot(["train_loss", "val_bps_overall"], { smoothing: 0 });
  for (let step = 1; step <= 3; step++)
    plot.observe({ event: "step", epoch: 0, step, train_loss: 1 / step, lr: 1, samples_per_s: 1 });
  plot.observe({ event: "validation", epoch: 0, step: 3, train_loss: 9, val_bps_overall: 0.5 });
  plot.observe({ event: "validation", epoch: 1, step: 6, train_loss: 9, val_bps_overall: 0.4 });
  const [loss, bps] = plot.figure().panels;
  expect(loss!.marks[0]).toMatchObject({ x: [1, 2, 3], y: [1, 1 / 2, 1 / 3] });
  expect(bps!.marks[0]).toMatchObject({ x: [3, 6], y: [0.5, 0.4] });
  expect(bps!.marks.at(-1)).toMatchObject({
    symbol: "star",
    x: [3],
    y: [0.5],
    name: "best val_bps_overall 0.5000",
  });
  expect(plot.figure().text).toBe("train_loss 0.3333, val_bps_overall 0.4000 (best 0.5000 at step 3)");
});

test("smooths training curves like TensorBoard, with the raw curve faint behind and losses on a logarithmic axis", () => {
  const curves = new Curves();
  [4, 2, 3].forEach((train_loss, i) => {
    curves.add({ event: "step", epoch: 0, step: i + 1, train_loss, lr: 1e-3, samples_per_s: 1 });
  });
  curves.add({ event: "validation", epoch: 0, step: 2, train_loss: 3, val_loss: 3.5 });
  curves.add({ event: "validation", epoch: 1, step: 3, train_loss: 3, val_loss: 3.25 });
  const options = { smoothing: 0.5, log: true };
  const [panel] = curvesFigure(curves, [["train_loss", "val_loss"]], options).panels;
  expect(panel!.y.log).toBe(true);
  const [raw, smoothed, validation] = panel!.marks;
  expect(raw).toMatchObject({ faint: true, y: [4, 2, 3] });
  // By hand: (0.5·4)/0.5, (0.25·4 + 0.5·2)/0.75, (0.125·4 + 0.25·2 + 0.5·3)/0.875.
  expect(smoothed).toMatchObject({ name: "train_loss", y: [4, 2 / 0.75, 2.5 / 0.875] });
  expect(validation).toMatchObject({ name: "val_loss", x: [2, 3], y: [3.5, 3.25] });
  // The best loss is the lowest.
  expect(panel!.marks.at(-1)).toMatchObject({ symbol: "star", x: [3], y: [3.25] });
  curves.add({ event: "validation", epoch: 2, step: 4, train_loss: 3, val_loss: -1 });
  expect(curvesFigure(curves, ["val_loss"], options).panels[0]!.y.log).toBeUndefined();
});

test("puts the legend below the axis title, and gives an empty panel the steps of the others", () => {
  const step = (at: number) =>
    ({ event: "step", epoch: 0, step: at, train_loss: 1 / at, lr: 1, samples_per_s: 1 }) as const;
  const validated = { event: "validation", epoch: 0, step: 60, train_loss: 1, val_bps_overall: 0.2 } as const;
  const waiting = curvesFigure(new Curves([step(10), step(60)]), ["train_loss", "val_bps_overall"]);
  expect(waiting.svg()).toContain("none yet");
  const { xaxis, xaxis2, yaxis2 } = waiting.plotly().layout as Record<string, { range: number[] }>;
  expect([xaxis!.range, xaxis2!.range, yaxis2!.range]).toEqual([
    [10, 60],
    [10, 60],
    [0, 1],
  ]);
  const figure = curvesFigure(new Curves([step(10), step(60), validated]), ["train_loss", "val_bps_overall"]);
  const { yaxis2: ofOne } = figure.plotly().layout as Record<string, { range: number[] }>;
  expect(ofOne!.range[0]).toBeCloseTo(0.1);
  expect(ofOne!.range[1]).toBeCloseTo(0.3);
  expect(figure.svg()).not.toContain("none yet");
  const words = [...svgOf(figure).querySelectorAll("g[aria-label='x-axis label']")].at(-1)!;
  const down = (element: { getAttribute(name: string): string | null }) =>
    Number(/,([\d.]+)\)/.exec(element.getAttribute("transform")!)![1]);
  const [swatch] = svgOf(figure).querySelectorAll("svg > rect[height='10']");
  expect(Number(swatch!.getAttribute("y"))).toBeGreaterThan(down(words) + down(words.firstElementChild!) + 3);
});
