import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ConfigError } from "../../base/config";
import { isAddress } from "../../base/files/address";
import { fromJson, writeAtomically } from "../../base/files/atomic";
import { numbersOf } from "../../plots/curves";
import { toPng } from "../../plots/image";
import type { Observer, Stopped, TrainerEvent } from "../../protocols/events";
import { hyperparametersOf } from "./hyperparameters";
import { type KeyValue, type Metric, MLflowClient, type MLflowRun, NotFoundError } from "./mlflow-client";
import { Outbox, RefusedError } from "./outbox";

/** The options of `MLflowLogger`. */
export interface MLflowLoggerOptions {
  /** The address of the tracking server. Default: the environment's `MLFLOW_TRACKING_URI`. */
  trackingUri?: string;
  /** The experiment of the run; it is created if it does not exist. Default "gradbook". */
  experiment?: string;
  /** Default: the trainer's `name`. */
  runName?: string;
  tags?: Readonly<Record<string, string>>;
  /** The maximum number of events that are queued while the server cannot be reached. Default 10000. */
  queueLimit?: number;
}

/** An item to send. */
type Item =
  | { kind: "metrics"; metrics: readonly Metric[] }
  | { kind: "params"; params: readonly KeyValue[] }
  | { kind: "picture"; path: string; png: Buffer }
  | { kind: "end"; stopped: Stopped };

/** The server's limits for one batch. */
const METRICS = 1000;
const PARAMS = 100;
const LONGEST_VALUE = 6000;

const EVERY_MS = 1000;
/** The time that `fit` waits at its end for unsent items, in milliseconds. */
const LAST_WAIT_MS = 10_000;

const STATUS = {
  completed: "FINISHED",
  early: "FINISHED",
  time: "FINISHED",
  diverged: "FAILED",
  interrupted: "KILLED",
} as const satisfies Record<Stopped, string>;

/**
 * Sends a run to an MLflow tracking server: settings as parameters, numbers as metrics, pictures as artifacts (where
 * the server proxies them), and the status at the end. It sends in the background: while the server cannot be reached,
 * events are queued and the training continues. A resumed run continues the same MLflow run, whose id is in
 * `mlflow.json` in the run's folder.
 *
 * @example
 * new Trainer({ name: "demo", callbacks: [new MLflowLogger({ trackingUri: "http://localhost:5000", experiment: "twins" })] })
 */
export class MLflowLogger implements Observer {
  private readonly client: MLflowClient;
  private outbox: Outbox<Item> | undefined;
  private run: Promise<MLflowRun> | undefined;
  private folder = "";

  /** @throws ConfigError without the address of a server */
  constructor(private readonly options: MLflowLoggerOptions = {}) {
    const uri = options.trackingUri ?? process.env.MLFLOW_TRACKING_URI ?? "";
    if (!isAddress(uri)) {
      const message = uri
        ? `must be the address of a tracking server, such as http://localhost:5000; found "${uri}"`
        : "missing: the address of a tracking server, such as http://localhost:5000; or set MLFLOW_TRACKING_URI";
      throw new ConfigError("MLflowLogger", [{ path: "trackingUri", message }]);
    }
    this.client = new MLflowClient(uri);
  }

  /** Writes an event. */
  async observe(event: TrainerEvent): Promise<void> {
    if (event.event === "fit_start") {
      this.begin(event);
      return;
    }
    const { outbox } = this;
    if (!outbox) return;
    if (event.event === "picture") {
      const png = toPng(readFileSync(join(this.folder, event.path), "utf8")).bytes;
      const step = String(event.step).padStart(8, "0");
      outbox.push({ kind: "picture", path: `pictures/${allowed(event.name)}/${step}.png`, png });
    }
    if ("step" in event && typeof event.step === "number") this.pushNumbers(event, event.step);
    if (event.event !== "fit_end") return;
    outbox.push({ kind: "end", stopped: event.stopped });
    const left = await outbox.drain(LAST_WAIT_MS);
    if (left > 0)
      console.warn(
        `MLflow: ${left} events were not sent; ${join(this.folder, "events.jsonl")} contains all events`,
      );
  }

  private begin({ folder, name, resumed }: TrainerEvent & { event: "fit_start" }): void {
    this.folder = folder;
    const file = join(folder, "mlflow.json");
    const earlier = resumed === undefined || !existsSync(file) ? undefined : readRun(file);
    this.run = undefined;
    this.outbox = new Outbox((items) => this.deliver(items, () => this.open(file, name, earlier)), {
      limit: this.options.queueLimit ?? 10_000,
      every: EVERY_MS,
      warn: (message) => console.warn(message),
    });
    // Parameters of an MLflow run cannot be changed.
    if (earlier) return;
    const params = hyperparametersOf(folder).map(([key, value]) => ({
      key: allowed(key),
      value: String(value).slice(0, LONGEST_VALUE),
    }));
    for (let from = 0; from < params.length; from += PARAMS)
      this.outbox.push({ kind: "params", params: params.slice(from, from + PARAMS) });
  }

  private pushNumbers(event: TrainerEvent, step: number): void {
    const timestamp = Date.now();
    const metrics = numbersOf(event)
      .filter(([, value]) => Number.isFinite(value))
      .map(([name, value]) => ({ key: allowed(name), value, timestamp, step }));
    if (metrics.length > 0) this.outbox?.push({ kind: "metrics", metrics });
  }

  /** Returns the MLflow run: the earlier one, or a new one. */
  private async open(file: string, name: string, earlier: string | undefined): Promise<MLflowRun> {
    const { client } = this;
    const { experiment = "gradbook", runName = name, tags = {} } = this.options;
    if (earlier) {
      try {
        return await client.updateRun(earlier, "RUNNING");
      } catch (error) {
        if (!(error instanceof NotFoundError)) throw error;
        console.warn(`MLflow: the run ${earlier} of ${file} does not exist any more; a new run is created`);
      }
    }
    const list = Object.entries({ "gradbook.folder": this.folder, ...tags });
    const id = await client.experiment(experiment);
    const run = await client.createRun(
      id,
      runName,
      list.map(([key, value]) => ({ key, value })),
    );
    writeAtomically(file, [`${JSON.stringify({ run_id: run.run_id })}\n`]);
    return run;
  }

  /** Sends the first item, together with the metrics that follow it if it is a metric. */
  private async deliver(items: readonly Item[], open: () => Promise<MLflowRun>): Promise<number> {
    this.run ??= open().catch((error) => {
      this.run = undefined;
      throw error;
    });
    const run = await this.run;
    const { client } = this;
    const item = items[0]!;
    const together = item.kind === "metrics" ? metricsOf(items) : { count: 1, metrics: [] };
    try {
      if (item.kind === "params") await client.logBatch(run.run_id, { params: item.params });
      if (item.kind === "metrics") await client.logBatch(run.run_id, { metrics: together.metrics });
      if (item.kind === "picture") await client.upload(run, item.path, item.png);
      if (item.kind === "end") await client.updateRun(run.run_id, STATUS[item.stopped]);
    } catch (error) {
      if (error instanceof RefusedError) error.cause = together.count;
      throw error;
    }
    return together.count;
  }
}

/** Returns the numbers of the first items, as many as fit into one request. */
function metricsOf(items: readonly Item[]): { count: number; metrics: Metric[] } {
  const metrics: Metric[] = [];
  let count = 0;
  for (const item of items) {
    if (item.kind !== "metrics" || (count > 0 && metrics.length + item.metrics.length > METRICS)) break;
    metrics.push(...item.metrics);
    count++;
  }
  return { count, metrics };
}

const readRun = (file: string) => fromJson<{ run_id?: string }>(readFileSync(file, "utf8"))?.run_id;

/** Replaces characters that MLflow does not allow in names. */
const allowed = (name: string) => name.replace(/[^\w\-. :/]/g, "_").slice(0, 250);
