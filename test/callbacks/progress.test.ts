import { Writable } from "node:stream";
import { expect, test, vi } from "vitest";
import { fitLine } from "../../lib/base/terminal/fit-line";
import { ProgressLine } from "../../lib/callbacks/progress";
import { TrainingStatus } from "../../lib/callbacks/training-status";
import { jobLine } from "../../lib/cli/sweeps/board";
import type { Metrics, TrainerEvent } from "../../lib/protocols/events";

const start = {
  event: "fit_start",
  name: "a",
  folder: "runs/a",
  parameters: 5,
  max_epochs: 4,
  steps_per_epoch: 100,
} as const;
const stepAt = (step: number, metrics: Metrics = {}): TrainerEvent => ({
  event: "step",
  epoch: Math.floor((step - 1) / 100),
  step,
  train_loss: 0.5,
  lr: 1e-3,
  samples_per_s: 640.4,
  grad_norm: 3,
  ...metrics,
});
const validationAt = (step: number, metrics: Metrics): TrainerEvent => ({
  event: "validation",
  epoch: step / 100 - 1,
  step,
  train_loss: 0.5,
  ...metrics,
});

/** A stream that stores its output. */
function output(facts: { isTTY?: boolean; columns?: number }) {
  const written: string[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      written.push(String(chunk));
      done();
    },
  });
  return { out: Object.assign(stream, facts), text: () => written.join("") };
}

test("shows every metric that a run reports, without the metrics of parts", () => {
  const status = new TrainingStatus();
  status.observe(start);
  status.observe(stepAt(1, { train_accuracy: 0.25 }));
  status.observe(
    validationAt(100, { val_loss: 0.25, val_accuracy: 0.75, val_bps_overall: 1e-5, "val_bps/a": 7 }),
  );
  expect(status.line(Number.POSITIVE_INFINITY)).toMatch(
    /^epoch 1\/4 {2}loss 0\.5000 {2}accuracy 0\.2500 {2}val_loss 0\.2500 {2}val_accuracy 0\.7500 {2}val_bps_overall 1\.00e-5 {2}\d+ s left {2}640 samples\/s$/,
  );
});

test("fits any width: omits the bar first, then the speed, then metrics from the last one on", () => {
  const status = new TrainingStatus();
  status.observe(start);
  status.observe(stepAt(200));
  status.observe(validationAt(200, { val_loss: 0.25, val_accuracy: 0.75 }));
  const losses = "epoch 2/4  loss 0.5000  val_loss 0.2500";
  expect(status.line(103)).toBe(`${losses}  val_accuracy 0.7500  0 s left  640 samples/s  ██████░░░░░░ 50%`);
  expect(status.line(102)).toBe(`${losses}  val_accuracy 0.7500  0 s left  640 samples/s`);
  expect(status.line(80)).toBe(`${losses}  val_accuracy 0.7500  0 s left`);
  expect(status.line(60)).toBe(`${losses}  0 s left`);
  expect(status.line(6)).toBe("epoch…");
});

test("estimates the remaining time from the steps since the run was resumed", () => {
  vi.useFakeTimers();
  try {
    const status = new TrainingStatus();
    status.observe({ ...start, resumed: 300 });
    status.observe(stepAt(301));
    vi.advanceTimersByTime(9_000);
    status.observe(stepAt(310));
    expect(status.line(Number.POSITIVE_INFINITY)).toBe(
      "epoch 4/4  loss 0.5000  1 min 30 s left  640 samples/s",
    );
  } finally {
    vi.useRealTimers();
  }
});

test("stays within a terminal of 80 columns whatever a run reports", () => {
  const { out, text } = output({ isTTY: true, columns: 80 });
  const line = new ProgressLine({ out });
  line.observe(start);
  const metrics = Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`val_metric_${i}`, i / 7]));
  for (const step of [1, 50, 100]) line.observe(stepAt(step));
  line.observe(validationAt(100, metrics));
  line.observe({ event: "fit_end", epoch: 0, step: 100, stopped: "interrupted", seconds: 90 });
  const drawn = text().split("\r\x1b[2K").slice(1);
  expect(drawn.flatMap((one) => one.split("\n")).every((one) => one.length < 80)).toBe(true);
  expect(drawn.at(-1)).toBe(
    "interrupted after 100 steps, 1 min 30 s  val_metric_0 0.0000\n" +
      'To continue from here, fit again with resume: "auto" instead of overwrite.\n',
  );
});

test("writes a line per epoch where output is not a terminal, also for epochs without a validation", () => {
  const { out, text } = output({});
  const line = new ProgressLine({ out });
  line.observe(start);
  for (const step of [1, 100, 101, 200]) line.observe(stepAt(step));
  line.observe(validationAt(200, { val_loss: 0.25 }));
  line.observe(stepAt(201));
  line.observe({ event: "fit_end", epoch: 2, step: 300, stopped: "completed", seconds: 3 });
  expect(text().replaceAll(/ {2}\d+ s left/g, "")).toBe(
    [
      "epoch 1/4  loss 0.5000  640 samples/s",
      "epoch 2/4  loss 0.5000  val_loss 0.2500  640 samples/s",
      "completed after 300 steps, 3 s  val_loss 0.2500\n",
    ].join("\n"),
  );
});

test("joins the parts of a line in their order and leaves out the least important", () => {
  const parts = [
    { text: "first", rank: 0 },
    { text: "least", rank: 2 },
    { text: "second", rank: 1 },
  ];
  expect([fitLine(parts, 20), fitLine(parts, 19), fitLine(parts, 5)]).toEqual([
    "first  least  second",
    "first  second",
    "first",
  ]);
});

test("shows the numbers of a batch job however long its name is", () => {
  const name = "lr=0.001_weight_decay=0.0001_seed=12";
  expect(jobLine({ name, report: "loss 0.5" }, 0.5, 60)).toBe(
    "lr=0.001_weight_decay=0…  loss 0.5  ██████░░░░░░ 50%",
  );
  expect(jobLine({ name, report: (width) => `a line of ${width}` }, 0.5, 79)).toBe(
    "lr=0.001_weight_decay=0…  a line of 53",
  );
});
