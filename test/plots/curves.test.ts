import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { compareRuns } from "../../lib/evaluation/report/compare";
import { openRun } from "../../lib/evaluation/report/open-run";
import { toPage } from "../../lib/evaluation/report/page";
import { BoundedCurve, thinned } from "../../lib/plots/bounded-curve";
import { curvePanels, scorePanels } from "../../lib/plots/curve-panels";
import { Curves } from "../../lib/plots/curves";
import { curvesFigure } from "../../lib/plots/curves-figure";
import { layOut } from "../../lib/plots/layout";
import { LivePlot } from "../../lib/plots/live-plot";
import { axisOf, titleOf } from "../../lib/plots/metric-words";
import type { Metrics, TrainerEvent } from "../../lib/protocols/events";
import { newFolder } from "../new-folder";

let dir: string;
beforeEach(() => {
  dir = newFolder();
});

const stepAt = (step: number, metrics: Metrics = {}): TrainerEvent => ({
  event: "step",
  epoch: 0,
  step,
  train_loss: 1 / step,
  lr: 1e-3,
  samples_per_s: 100,
  grad_norm: 1,
  ...metrics,
});
const validationAt = (step: number, metrics: Metrics): TrainerEvent => ({
  event: "validation",
  epoch: 0,
  step,
  train_loss: 1,
  ...metrics,
});

test("keeps a curve whole up to its limit, then the extremes and both ends, in bounded memory", () => {
  const curve = new BoundedCurve(8);
  const values = [5, 1, 4, 2, 3, 9, 0, 7];
  values.forEach((y, x) => {
    curve.add(x, y);
  });
  expect(curve.drawn()).toEqual({ x: [0, 1, 2, 3, 4, 5, 6, 7], y: values });
  curve.add(8, 6);
  expect(curve.drawn()).toEqual({ x: [0, 1, 2, 3, 4, 5, 6, 7, 8], y: [...values, 6] });
  expect(curve.means()).toEqual({ x: [0.5, 2.5, 4.5, 6.5, 8], y: [3, 3, 6, 3.5, 6] });
  for (let x = 9; x < 100_000; x++) curve.add(x, x === 54_321 ? 1000 : Math.sin(x));
  const { x, y } = curve.drawn();
  expect(x.length).toBeLessThanOrEqual(18);
  expect(y[x.indexOf(54_321)]).toBe(1000);
  expect([x[0], y[0], x.at(-1), y.at(-1)]).toEqual([0, 5, 99_999, Math.sin(99_999)]);
});

test("leaves out non-finite values within a stretch, and draws a stretch of them as a gap", () => {
  const curve = new BoundedCurve(2);
  for (const [x, y] of [1, Number.NaN, Number.NaN, Number.POSITIVE_INFINITY].entries()) curve.add(x, y);
  expect(curve.means().y).toEqual([1, Number.NaN]);
});

test("does not thin a line that is not a function of x, such as an outline", () => {
  const angles = Array.from({ length: 5000 }, (_, i) => i);
  const [x, y] = [angles.map(Math.cos), angles.map(Math.sin)];
  expect(thinned(x, y, 100).x).toBe(x);
  expect(thinned(angles, y, 100).x.length).toBeLessThanOrEqual(202);
});

test("labels metrics with words and units", () => {
  const names = [
    "train_loss",
    "val_bps_overall",
    "samples_per_s",
    "val_my_score",
    "process_mb",
    "val_bps/a_1",
  ];
  expect(names.map((name) => [titleOf([name]), axisOf([name])])).toEqual([
    ["training loss", "loss"],
    ["validation bits per spike", "bits per spike"],
    ["samples per second", "samples per second"],
    ["validation my score", "my score"],
    ["process memory (MB)", "process memory (MB)"],
    ["validation bits per spike, a_1", "bits per spike"],
  ]);
  expect(titleOf(["train_loss", "val_loss"])).toBe("loss");
  expect(titleOf(["val_bps_overall", "val_bps/a_1"])).toBe("validation bits per spike");
});

test("draws each session once, separates the means of subjects, and loses no session", () => {
  const sessions = ["a_1", "b_1", "b_2", "c_1", "d_1", "e_1", "f_1"].map((name) => `val_bps/${name}`);
  const subjects = ["a", "b", "c", "d", "e", "f"].map((name) => `val_bps/${name}`);
  const scores = Object.fromEntries([...subjects, ...sessions].map((name, i) => [name, i / 20]));
  const curves = new Curves([stepAt(1), validationAt(1, { val_bps_overall: 0.3, ...scores })]);
  expect(scorePanels(curves)).toEqual([["train_loss"], ["val_bps_overall", ...sessions], ["val_bps/b"]]);
  const panel = curvesFigure(curves, curvePanels(curves)).panels[1]!;
  expect(panel.title).toBe("validation bits per spike, 7 parts in grey");
  expect(panel.marks.filter(({ kind }) => kind === "line")).toHaveLength(8);
});

test("shows the available metrics in a live plot without panels", () => {
  const plot = new LivePlot();
  plot.observe(stepAt(1, { train_accuracy: 0.5 }));
  plot.observe(validationAt(1, { val_loss: 2, val_accuracy: 0.25, val_auc: 0.75 }));
  expect(plot.figure().panels.map(({ title, y }) => [title, y.label])).toEqual([
    ["loss", "loss"],
    ["accuracy", "accuracy"],
    ["validation area under the ROC curve", "area under the ROC curve"],
  ]);
});

test("gives each panel its own legend within its width, and fits a cell of 700 pixels", () => {
  const names = Array.from({ length: 5 }, (_, i) => `val_bps/session-with-a-long-name-${i}`);
  const scores = Object.fromEntries(names.map((name) => [name, 1]));
  const curves = new Curves([
    stepAt(1),
    stepAt(2),
    validationAt(2, { val_loss: 1, val_bps_overall: 1, ...scores }),
  ]);
  const figure = curvesFigure(curves, curvePanels(curves));
  const { data, layout } = figure.plotly();
  expect(layout.width).toBeLessThanOrEqual(700);
  expect(Number(/width="(\d+)"/.exec(figure.svg())![1])).toBeLessThanOrEqual(700);
  for (const { legend, margin, width } of layOut(figure.panels, figure.arrangement).places)
    for (const row of legend)
      for (const { x, name } of row)
        expect(x + 46 + 6.2 * name.length).toBeLessThanOrEqual(width - margin.left - margin.right);
  // No two entries of a panel look the same.
  const entries = data.filter(({ showlegend }) => showlegend) as {
    xaxis: string;
    line?: { color: string };
    marker?: { color: string };
  }[];
  const looks = entries.map(({ xaxis, line, marker }) => `${xaxis} ${line?.color ?? marker?.color}`);
  expect(new Set(looks).size).toBe(looks.length);
  expect(looks.length).toBe(3 + 7);
});

test("reads a run of many events into a small report: curves, picture and pages", () => {
  const steps = 30_000;
  for (const name of ["long", "longer"]) {
    const folder = join(dir, name);
    mkdirSync(folder);
    const lines = Array.from({ length: steps }, (_, i) => {
      const train_loss = i === 12_345 ? 9 : 1 + Math.sin(i) / 10;
      return JSON.stringify({ time: i, ...stepAt(i + 1, { train_loss }) });
    });
    writeFileSync(join(folder, "events.jsonl"), lines.join("\n"));
  }
  const run = openRun(join(dir, "long"));
  for (const curve of run.curves.training.values()) expect(curve.x.length).toBeLessThanOrEqual(8194);
  const { x, y } = run.curves.get("train_loss")!;
  expect([x[0], x.at(-1), y[x.indexOf(12_346)]]).toEqual([1, steps, 9]);
  expect(run.events).toHaveLength(steps);
  expect(run.figure().svg().length).toBeLessThan(200_000);
  const sections = [{ title: "Training", figures: [{ figure: run.figure() }] }];
  expect(toPage({ title: "", subtitle: "", sections }).length).toBeLessThan(2e6);
  const { figure } = compareRuns([join(dir, "long"), join(dir, "longer")]);
  expect(JSON.stringify(figure.plotly()).length).toBeLessThan(100_000);
});

test("draws the losses of sessions in one panel with a title of its own, and leaves out a subject's single session", () => {
  const curves = new Curves();
  const parts = {
    "val_loss/ada_1": 1,
    "val_loss/ada_2": 2,
    "val_loss/ada": 1.5,
    "val_loss/bob_1": 3,
    "val_loss/bob": 3,
  };
  curves.add(stepAt(1, { "train_loss/ada_1": 1, "train_loss/bob_1": 3 }));
  curves.add(validationAt(1, { val_loss: 2, ...parts }));
  const [loss, byPart, means] = scorePanels(curves) as string[][];
  expect(loss).toEqual(["train_loss", "val_loss"]);
  expect(means).toEqual(["val_loss/ada"]);
  expect(byPart).toEqual([
    "train_loss/ada_1",
    "train_loss/bob_1",
    "val_loss/ada_1",
    "val_loss/ada_2",
    "val_loss/bob_1",
  ]);
  const panel = curvesFigure(curves, [byPart!]).panels[0]!;
  expect(panel.title).toBe("loss, by part of the data");
  const names = panel.marks.flatMap((mark) => (mark.kind === "line" && mark.name ? [mark.name] : []));
  expect(names).toEqual(byPart);
});
