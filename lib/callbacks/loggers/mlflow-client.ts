import { RefusedError } from "./outbox";

/** A number at a step; `timestamp` is in milliseconds since 1970. */
export interface Metric {
  key: string;
  value: number;
  timestamp: number;
  step: number;
}

/** A parameter or a tag. */
export interface KeyValue {
  key: string;
  value: string;
}

/** A run of the tracking server. */
export interface MLflowRun {
  run_id: string;
  artifact_uri: string;
}

/** Thrown when the server does not have the name, or no longer. */
export class NotFoundError extends RefusedError {}

const TIMEOUT_MS = 10_000;
const PROXIED = "mlflow-artifacts:";

/** MLflow's REST interface, version 2.0: https://mlflow.org/docs/latest/rest-api.html */
export class MLflowClient {
  /**
   * @param uri the address of the tracking server
   * @param env `MLFLOW_TRACKING_TOKEN`, or `MLFLOW_TRACKING_USERNAME` and `MLFLOW_TRACKING_PASSWORD`, sign requests
   */
  constructor(
    private readonly uri: string,
    private readonly env: NodeJS.ProcessEnv = process.env,
  ) {}

  /** Returns the experiment's id. Creates the experiment if it does not exist. */
  async experiment(name: string): Promise<string> {
    const query = `experiments/get-by-name?experiment_name=${encodeURIComponent(name)}`;
    try {
      const { experiment } = await this.call<{ experiment: { experiment_id: string } }>("GET", query);
      return experiment.experiment_id;
    } catch (error) {
      if (!(error instanceof NotFoundError)) throw error;
      return (await this.post<{ experiment_id: string }>("experiments/create", { name })).experiment_id;
    }
  }

  async createRun(experiment_id: string, run_name: string, tags: readonly KeyValue[]): Promise<MLflowRun> {
    const body = { experiment_id, run_name, start_time: Date.now(), tags };
    return (await this.post<{ run: { info: MLflowRun } }>("runs/create", body)).run.info;
  }

  /** Sets a run's status; `RUNNING` continues it. @throws NotFoundError when the server has no such run */
  async updateRun(run_id: string, status: "RUNNING" | "FINISHED" | "FAILED" | "KILLED"): Promise<MLflowRun> {
    const end = status === "RUNNING" ? {} : { end_time: Date.now() };
    return (await this.post<{ run_info: MLflowRun }>("runs/update", { run_id, status, ...end })).run_info;
  }

  /** Sends metrics and parameters: at most 1000 metrics and 100 parameters at a time. */
  async logBatch(
    run_id: string,
    batch: { metrics?: readonly Metric[]; params?: readonly KeyValue[] },
  ): Promise<void> {
    await this.post("runs/log-batch", { run_id, ...batch });
  }

  /** Uploads a file through the server. @throws RefusedError when the server does not proxy artifacts */
  async upload({ artifact_uri }: MLflowRun, path: string, content: Uint8Array): Promise<void> {
    if (!artifact_uri.startsWith(PROXIED))
      throw new RefusedError(
        `MLflow: the server does not proxy artifacts (they are stored at ${artifact_uri}), so pictures are not sent; start it with --serve-artifacts`,
      );
    const root = new URL(artifact_uri).pathname;
    const target = [root, path].join("/").split("/").filter(Boolean).map(encodeURIComponent).join("/");
    await this.request(
      "PUT",
      `api/2.0/mlflow-artifacts/artifacts/${target}`,
      content,
      "application/octet-stream",
    );
  }

  private async post<T>(path: string, body: object): Promise<T> {
    return this.call("POST", path, body);
  }

  private async call<T>(method: string, path: string, body?: object): Promise<T> {
    const text = body && JSON.stringify(body);
    return JSON.parse(await this.request(method, `api/2.0/mlflow/${path}`, text, "application/json")) as T;
  }

  private async request(
    method: string,
    path: string,
    body: string | Uint8Array | undefined,
    type: string,
  ): Promise<string> {
    const { uri } = this;
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const headers = { "content-type": type, ...this.authorization() };
    const sent = body === undefined ? {} : { body: body as string };
    const response = await fetch(new URL(path, uri.endsWith("/") ? uri : `${uri}/`), {
      method,
      headers,
      signal,
      ...sent,
    }).catch((error: Error) => {
      const reason = (error.cause as Error | undefined)?.message || error.message;
      throw new Error(`MLflow: ${uri} cannot be reached (${reason})`);
    });
    const text = await response.text();
    if (response.ok) return text;
    const said = `MLflow: ${uri} answered ${response.status} to ${path}: ${text.slice(0, 300)}`;
    if (response.status === 404) throw new NotFoundError(said);
    if (response.status < 500 && response.status !== 429) throw new RefusedError(said);
    throw new Error(said);
  }

  private authorization(): Record<string, string> {
    const { MLFLOW_TRACKING_TOKEN: token, MLFLOW_TRACKING_USERNAME: user } = this.env;
    if (token) return { authorization: `Bearer ${token}` };
    if (!user) return {};
    const both = `${user}:${this.env.MLFLOW_TRACKING_PASSWORD ?? ""}`;
    return { authorization: `Basic ${Buffer.from(both).toString("base64")}` };
  }
}
