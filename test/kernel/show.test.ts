import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dump } from "js-yaml";
import { PNG } from "pngjs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { toBundle } from "../../kernel/show/bundle";
import {
  loadExperiment,
  ModelCheckpoint,
  openRun,
  type Run,
  readModelConfig,
  Trainer,
  type TwinModule,
  tf,
} from "../../lib";

const MODEL = "configs/models/quickstart.yaml";
let dir: string;
let twin: TwinModule;
let run: Run;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "gradbook-"));
  twin = await loadExperiment({ model: MODEL, sessions: "configs/sessions/demo.yaml", maxDatasets: 1 });
  const callbacks = [new ModelCheckpoint()];
  run = await new Trainer({ dir, name: "shown", maxEpochs: 1, stepsPerEpoch: 2, callbacks }).fit(twin);
}, 60_000);
afterAll(() => {
  twin.dispose();
  rmSync(dir, { recursive: true });
});

test("shows a model's configuration as a table with a row for each value", async () => {
  const config = readModelConfig(MODEL);
  const bundle = await toBundle(config);
  expect(bundle["text/html"]).toMatch(
    /^<table><caption>model of configs\/models\/quickstart\.yaml<\/caption>/,
  );
  expect(bundle["text/html"]).toContain("<td>frontend.type</td><td>&#34;learnable_temporal&#34;</td>");
  expect(bundle["text/plain"]).toMatch(/^output_activation +"softplus"$/m);
  expect(Object.keys(config)).toEqual(Object.keys(JSON.parse(JSON.stringify(config))));
  expect(dump({ ...config })).not.toContain("Jupyter");
});

test("shows a twin as its sessions and its stages", async () => {
  const bundle = await toBundle(twin);
  expect(bundle["text/plain"]).toMatch(
    /^1 sessions, \d+ units, .* of movies\nsession .*\nluke_[\s\S]*\n\n[\d,]+ parameters; a batch of 64 takes about \d+ MB in training\nstage +type /,
  );
  expect(String(bundle["text/html"]).match(/<table>/g)).toHaveLength(2);
  expect((await toBundle(twin.data))["text/html"]).toContain("<td>luke_2031-03-01</td>");
});

test("shows a run as its history, with curves and configuration when it is read from its folder", async () => {
  const fresh = await toBundle(run);
  expect(fresh["text/plain"]).toMatch(
    /^completed after 1 epochs, .*\nepoch +step +train_loss .*val_bps_overall.*\n +0 +2 /,
  );
  expect(fresh["text/html"]).toMatch(/^<table><caption>completed after 1 epochs/);
  const recorded = openRun(join(dir, "shown"));
  const read = await toBundle(recorded);
  expect(read["text/html"]).toMatch(/^<svg[\s\S]*<table><caption>shown: completed after 1 epochs/);
  expect((await toBundle(recorded.config))["text/html"]).toContain(
    "<td>trainer.stepsPerEpoch</td><td>2</td>",
  );
  expect((await toBundle(twin.config))["text/plain"]).toMatch(
    /^model\.frontend\.type +"learnable_temporal"$/m,
  );
});

test("shows a tensor with a picture of its values, from black to white", async () => {
  const bundle = await toBundle(
    tf.tensor2d([
      [0, 1],
      [2, 4],
    ]),
  );
  const [, data] = /base64,([^"]+)"/.exec(String(bundle["text/html"]))!;
  const { width, height, data: pixels } = PNG.sync.read(Buffer.from(data!, "base64"));
  expect([width, height]).toEqual([2, 2]);
  expect([0, 4, 8, 12].map((at) => [...pixels.subarray(at, at + 4)])).toEqual([
    ...[0, 63, 127, 255].map((grey) => [grey, grey, grey, 255]),
  ]);
});

test("shows the texts of a string tensor, and shortens huge numbers", async () => {
  expect(await toBundle(tf.scalar("one"))).toEqual({ "text/plain": "Tensor [] string: 'one'" });
  expect(await toBundle(tf.tensor1d(["a", "b"]))).toEqual({ "text/plain": "Tensor [2] string\n['a', 'b']" });
  expect((await toBundle(tf.tensor1d([3e38, -3e38])))["text/plain"]).toBe(
    "Tensor [2] float32\nmin -3.000e+38, mean 0, max 3.000e+38, std 3.000e+38\n[3.000e+38, -3.000e+38]",
  );
});
