import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { HistogramMonitor, histogramOf } from "../../../lib/callbacks/histograms";
import { TensorBoardLogger } from "../../../lib/callbacks/loggers/tensorboard";
import { memory } from "../../../lib/engine";
import type { Observer, TrainerEvent } from "../../../lib/protocols/events";
import { Trainer } from "../../../lib/trainer/trainer";
import { newFolder } from "../../new-folder";
import { runPython } from "../../python/python";
import { Toy } from "../../trainer/toy";

let dir: string;
beforeEach(() => {
  dir = newFolder();
});

/** Reads a log folder as TensorBoard's own dashboards do. */
const DASHBOARDS = `
import json, sys
from tensorboard.backend.event_processing import data_provider, plugin_event_multiplexer
from tensorboard.context import RequestContext
from tensorboard.plugins import base_plugin
from tensorboard.plugins.histogram import histograms_plugin
from tensorboard.plugins.hparams import backend_context, api_pb2, list_session_groups, metadata
from google.protobuf import json_format
multiplexer = plugin_event_multiplexer.EventMultiplexer()
multiplexer.AddRunsFromDirectory(sys.argv[1]); multiplexer.Reload()
provider = data_provider.MultiplexerDataProvider(multiplexer, sys.argv[1])
context = base_plugin.TBContext(data_provider=provider)
request = RequestContext()
histograms = histograms_plugin.HistogramsPlugin(context)
tags = histograms.index_impl(request, "e")
read = {run: {tag: histograms.histograms_impl(request, tag, run, "e")[0] for tag in tags[run]} for run in tags}
hparams = backend_context.Context(context)
runs = hparams.hparams_metadata(request, "e")
experiment = hparams.experiment_from_metadata(request, "e", True, runs, hparams.hparams_from_data_provider(request, "e", None))
asked = api_pb2.ListSessionGroupsRequest(slice_size=9, allowed_statuses=[0, 1, 2, 3])
for info in experiment.metric_infos:
    asked.col_params.add(metric=info.name)
groups = list_session_groups.Handler(request, hparams, "e", asked).run()
print(json.dumps({
  "histograms": {run: {tag: [[step, bins] for _, step, bins in events] for tag, events in read[run].items()} for run in read},
  "groups": json_format.MessageToDict(groups, preserving_proto_field_name=True)["session_groups"],
}))
`;

interface Dashboards {
  histograms: Record<string, Record<string, [step: number, bins: [number, number, number][]][]>>;
  groups: {
    hparams: Record<string, unknown>;
    sessions: { name: string; status: string; metric_values: unknown[] }[];
  }[];
}

test("fills TensorBoard's dashboards with hyperparameters, final metrics and histograms of weights and gradients", async () => {
  const toy = new Toy();
  const before = memory().tensors;
  const weights: number[] = [];
  const watch: Observer = {
    observe(event: TrainerEvent) {
      if (event.event === "histogram" && event.name.startsWith("weights/"))
        weights.push(toy.weight.dataSync()[0]!);
    },
  };
  const callbacks = [
    new HistogramMonitor({ everyNEpochs: 2, gradients: true }),
    new TensorBoardLogger(),
    watch,
  ];
  const options = { dir, name: "toy", maxEpochs: 3, batchSize: 5, optimizer: { lr: 0.25 } };
  const run = await new Trainer({ ...options, callbacks }).fit(toy);
  // The weight itself was uploaded by the fit.
  expect(memory().tensors, "the monitor disposes its gradients").toBe(before + 1);
  const { histograms, groups } = JSON.parse(await runPython(DASHBOARDS, [dir])) as Dashboards;

  const [name] = Object.keys(histograms);
  expect(name).toBe(join("toy", "tensorboard"));
  const around = (value: number) => [[expect.closeTo(value - 0.5, 5), expect.closeTo(value + 0.5, 5), 1]];
  // The first batch is -2, -1, 0, 1, 2 with mean square 2, so the gradient of (x w - 2 x)^2 is 4 (w - 2).
  expect(histograms[name!]).toEqual({
    "weights/head.weight": [[10, around(weights[0]!)], [30, around(weights[1]!)]],
    "gradients/head.weight": [[10, around(4 * (weights[0]! - 2))], [30, around(4 * (weights[1]! - 2))]],
  }); // biome-ignore format: step and bins

  const [{ hparams, sessions }] = groups as [Dashboards["groups"][0]];
  expect(hparams).toMatchObject({
    "model.type": "toy",
    "trainer.optimizer.lr": 0.25,
    "trainer.maxEpochs": 3,
    "trainer.fastDevRun": false,
  });
  expect(sessions).toMatchObject([{ name, status: "STATUS_SUCCESS" }]);
  const val_loss = run.history.at(-1)!.val_loss as number;
  expect(sessions[0]!.metric_values).toContainEqual(
    expect.objectContaining({
      name: expect.objectContaining({ tag: "val_loss" }),
      value: expect.closeTo(val_loss, 6),
    }),
  );
});

test("a histogram counts every finite value once and reports the number of non-finite ones", () => {
  expect(histogramOf([0, 1, 2, 4, Number.NaN, Number.NEGATIVE_INFINITY], 2)).toEqual({
    edges: [0, 2, 4],
    counts: [2, 2],
    not_finite: 2,
  });
  expect(histogramOf([3, 3], 5)).toEqual({ edges: [2.5, 3.5], counts: [2] });
  expect(histogramOf([Number.NaN], 5)).toEqual({ edges: [], counts: [], not_finite: 1 });
});

test("rejects invalid options", () => {
  expect(() => new HistogramMonitor({ bins: 0 })).toThrow(
    "HistogramMonitor: bins: too small: expected number to be >0; found 0",
  );
});
