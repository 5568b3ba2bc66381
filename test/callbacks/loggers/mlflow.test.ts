import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { MLflowLogger } from "../../../lib/callbacks/loggers/mlflow";
import { Progress, packageRoot, setUp } from "../../../lib/cli/setup";
import { pinnedVenvStep, pythonOf } from "../../../lib/cli/setup/stamped-venv";
import { toPng } from "../../../lib/plots/image";
import { kernelsFigure } from "../../../lib/plots/twin";
import type { TrainerEvent } from "../../../lib/protocols/events";
import { Trainer } from "../../../lib/trainer/trainer";
import { newFolder } from "../../new-folder";
import { Toy } from "../../trainer/toy";

const VENV = join(packageRoot(), ".venv-mlflow");
let server: ChildProcess;
let uri: string;
let dir: string;

/** Starts a tracking server that proxies artifacts. */
async function startServer(address: string, home: string): Promise<ChildProcess> {
  const { hostname, port } = new URL(address);
  const args = ["-m", "mlflow", "server", "--host", hostname, "--port", port, "--workers", "1"];
  const places = ["--backend-store-uri", "sqlite:///mlflow.db", "--artifacts-destination", "artifacts"];
  const env = { ...process.env, MLFLOW_DISABLE_TELEMETRY: "true", DO_NOT_TRACK: "true" };
  const child = spawn(pythonOf(VENV), [...args, ...places], {
    cwd: home,
    env,
    stdio: "ignore",
    detached: true,
  });
  for (;;) {
    if (child.exitCode !== null) throw new Error(`the MLflow server ended: ${child.exitCode}`);
    const up = await fetch(`${address}/health`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (up) return child;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

async function freeAddress(): Promise<string> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as { port: number };
  probe.close();
  return `http://127.0.0.1:${port}`;
}

/** Sends a request to the server's REST interface. */
async function ask(path: string, body?: object) {
  const sent = body
    ? { method: "POST", body: JSON.stringify(body), headers: { "content-type": "application/json" } }
    : {};
  const response = await fetch(`${uri}/api/2.0/mlflow/${path}`, sent);
  if (!response.ok) throw new Error(await response.text());
  return (await response.json()) as never;
}

interface Found {
  info: { run_id: string; status: string; run_name: string; artifact_uri: string };
  data: { metrics: { key: string; value: number }[]; params: KeyValue[]; tags: KeyValue[] };
}
interface KeyValue {
  key: string;
  value: string;
}

async function runsOf(experiment: string): Promise<Found[]> {
  const { experiment: found }: { experiment: { experiment_id: string } } = await ask(
    `experiments/get-by-name?experiment_name=${experiment}`,
  );
  const { runs }: { runs: Found[] } = await ask("runs/search", { experiment_ids: [found.experiment_id] });
  return runs;
}

async function historyOf(run: Found, metric: string): Promise<[step: number, value: number][]> {
  const { metrics }: { metrics: { step: number; value: number }[] } = await ask(
    `metrics/get-history?run_id=${run.info.run_id}&metric_key=${encodeURIComponent(metric)}`,
  );
  return metrics.map(({ step, value }) => [step, value]);
}

const start = (more: object = {}): TrainerEvent =>
  ({
    event: "fit_start",
    name: "demo",
    folder: dir,
    parameters: 3,
    max_epochs: 2,
    steps_per_epoch: 2,
    ...more,
  }) as TrainerEvent;
const step = (step: number, train_loss: number): TrainerEvent => ({
  event: "step",
  epoch: 0,
  step,
  train_loss,
  lr: 0.5,
  samples_per_s: 100,
});
const end = (step: number): TrainerEvent => ({
  event: "fit_end",
  epoch: 0,
  step,
  stopped: "completed",
  seconds: 1,
});

beforeAll(async () => {
  const requirements = "requirements-mlflow.txt";
  const venv = pinnedVenvStep({
    title: "MLflow in .venv-mlflow",
    venv: VENV,
    requirements,
    bytes: 6e8,
    env: process.env,
  });
  await setUp([venv], new Progress(process.stderr));
  uri = await freeAddress();
}, 600_000);
afterAll(() => {
  if (server?.pid) process.kill(-server.pid, "SIGKILL");
});
beforeEach(() => {
  dir = newFolder();
});
afterEach(() => {
  vi.restoreAllMocks();
});

test("warns when the server is down, keeps training, and sends the queued events once the server is up", async () => {
  const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
  const logger = new MLflowLogger({ trackingUri: uri, experiment: "late" });
  await logger.observe(start());
  await logger.observe(step(1, 2.5));
  await vi.waitFor(() => expect(warn).toHaveBeenCalledTimes(1), 20_000);
  expect(warn.mock.calls[0]![0]).toMatch(
    new RegExp(
      `^MLflow: ${uri}/? cannot be reached \\(.*ECONNREFUSED.*\\); sending is retried, and the training continues$`,
    ),
  );
  server = await startServer(uri, newFolder());
  await logger.observe(step(2, 1.25));
  await logger.observe(end(2));
  const [run] = await runsOf("late");
  expect(await historyOf(run!, "train_loss")).toEqual([[1, 2.5], [2, 1.25]]); // biome-ignore format: steps
  expect(run!.info).toMatchObject({ run_name: "demo", status: "FINISHED" });
  expect(warn).toHaveBeenCalledTimes(1);
}, 300_000);

test("logs settings, metrics, tags and status of an MLflow run, and continues it when the training resumes", async () => {
  const options = { dir, name: "toy", batchSize: 5, optimizer: { lr: 0.25 } };
  const logger = () => new MLflowLogger({ trackingUri: uri, experiment: "toys", tags: { lab: "ours" } });
  const first = await new Trainer({ ...options, maxEpochs: 2, callbacks: [logger()] }).fit(new Toy());
  const [run] = await runsOf("toys");
  expect(run!.info).toMatchObject({ run_name: "toy", status: "FINISHED" });
  expect(run!.data.params).toEqual(
    expect.arrayContaining([
      { key: "model.type", value: "toy" },
      { key: "trainer.optimizer.lr", value: "0.25" },
    ]),
  );
  expect(run!.data.tags).toEqual(
    expect.arrayContaining([
      { key: "lab", value: "ours" },
      { key: "gradbook.folder", value: join(dir, "toy") },
    ]),
  );
  const losses = first.history.map(({ step, val_loss }) => [step, val_loss]);
  expect(await historyOf(run!, "val_loss")).toEqual(losses);
  const again = { ...options, maxEpochs: 3, resume: "auto", callbacks: [logger()] };
  const resumed = await new Trainer(again).fit(new Toy());
  const runs = await runsOf("toys");
  expect(runs.map(({ info }) => info.run_id)).toEqual([run!.info.run_id]);
  const all = resumed.history.map(({ step, val_loss }) => [step, val_loss]);
  expect(await historyOf(runs[0]!, "val_loss")).toEqual(all);
  expect(all).toHaveLength(3);
}, 120_000);

test("uploads images as artifacts, and replaces names that MLflow rejects", async () => {
  const logger = new MLflowLogger({ trackingUri: uri, experiment: "pictures" });
  const figure = kernelsFigure([[0, 1, -1]], 100);
  writeFileSync(join(dir, "kernels.svg"), figure.svg());
  await logger.observe(start());
  await logger.observe({ event: "picture", epoch: 0, step: 2, name: "kernels", path: "kernels.svg" });
  await logger.observe({ event: "validation", epoch: 0, step: 2, train_loss: 1, "val_bps/a,b": 0.25 });
  await logger.observe(end(2));
  const [run] = await runsOf("pictures");
  const path = new URL(run!.info.artifact_uri).pathname;
  const picture = await fetch(
    `${uri}/api/2.0/mlflow-artifacts/artifacts${path}/pictures/kernels/00000002.png`,
  );
  expect(Buffer.from(await picture.arrayBuffer())).toEqual(toPng(figure.svg()).bytes);
  expect(await historyOf(run!, "val_bps/a_b")).toEqual([[2, 0.25]]);
}, 120_000);

test("creates a new run when the server's run was deleted", async () => {
  const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
  writeFileSync(join(dir, "mlflow.json"), '{"run_id":"0123"}\n');
  const logger = new MLflowLogger({ trackingUri: uri, experiment: "anew" });
  await logger.observe(start({ resumed: 1 }));
  await logger.observe(step(2, 1));
  await logger.observe(end(2));
  expect(warn.mock.calls).toEqual([
    [`MLflow: the run 0123 of ${join(dir, "mlflow.json")} does not exist any more; a new run is created`],
  ]);
  const [run] = await runsOf("anew");
  expect(JSON.parse(readFileSync(join(dir, "mlflow.json"), "utf8"))).toEqual({ run_id: run!.info.run_id });
}, 120_000);

test("drops the oldest events past the limit, and reports at the end how many were not sent", async () => {
  const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
  const logger = new MLflowLogger({ trackingUri: await freeAddress(), queueLimit: 3 });
  await logger.observe(start());
  for (let i = 1; i <= 9; i++) await logger.observe(step(i, 1));
  await logger.observe(end(9));
  const said = warn.mock.calls.map(([message]) => message as string);
  expect(said[0]).toBe("more than 3 events are queued: the oldest are dropped");
  expect(said.at(-1)).toBe(
    `MLflow: 3 events were not sent; ${join(dir, "events.jsonl")} contains all events`,
  );
}, 60_000);

test("takes the address from MLFLOW_TRACKING_URI and rejects an invalid one", () => {
  const { MLFLOW_TRACKING_URI: before } = process.env;
  delete process.env.MLFLOW_TRACKING_URI;
  expect(() => new MLflowLogger()).toThrow(
    "MLflowLogger: trackingUri: missing: the address of a tracking server, such as http://localhost:5000; or set MLFLOW_TRACKING_URI",
  );
  process.env.MLFLOW_TRACKING_URI = "./mlruns";
  expect(() => new MLflowLogger()).toThrow(
    'MLflowLogger: trackingUri: must be the address of a tracking server, such as http://localhost:5000; found "./mlruns"',
  );
  process.env.MLFLOW_TRACKING_URI = before;
  if (before === undefined) delete process.env.MLFLOW_TRACKING_URI;
});
