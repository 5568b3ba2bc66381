import { z } from "zod";
import { ConfigError, check, checkedBy, type OptionsOf } from "../../base/config";
import { frameSize, MOVIE_DTYPES } from "../../base/dsp/movie";
import { type Bundle, DISPLAY, type Displayable } from "../../base/jupyter/display";
import { Table } from "../../base/jupyter/table";
import type { BatchRequest } from "../../protocols/module";
import { contrastScores } from "../contrast";
import { loadSessions, sessionSummary } from "../load";
import type { PreparedSession } from "../prepare-recording";
import { EPOCH_LENGTHS } from "../samplers/permutation";
import { offsets, parseSampler, type SampleBatch, type SamplerOptions } from "../samplers/sampler";
import { lagsOf, longestLag } from "../session-lags";
import type { SessionConfig } from "../session-schema";
import { BatchOrder, type BatchOrderOptions } from "./batch-order";
import { allocateMovies, bytesOption, type MovieLimits, responsePlaces } from "./device-budget";
import { type Division, type SampleCounts, ShardedOrder } from "./sharded-order";

const shape = {
  /** The maximum number of sessions, starting with the first. Default: all. */
  maxDatasets: z.int().positive().optional(),
  /** The folder of the recordings. Default: that of the sessions' YAML files, then the one that `GRADBOOK_DATA` names. */
  dataDir: z.string().min(1).optional(),
  /**
   * The storage type of movies: `uint8` supports only `pixelnorm` and `unsqueeze`, which are applied when samples are served; `bfloat16`,
   * `float16` and `float32` support all transforms. Default `uint8`.
   */
  dsetDtype: z.enum(MOVIE_DTYPES).default("uint8"),
  /**
   * The limit of device memory for movies and responses: bytes, or text such as `8 GiB`. The largest movies that fit are on the device, then
   * the largest sessions' responses; a thread gathers the others from host memory, one batch ahead, with the same results. Default: all are
   * on the device.
   */
  deviceBudget: bytesOption.optional(),
  /**
   * The size of a cache in host memory: bytes, or text such as `2 GiB`. Movies that are not on the device then stay in their files, from
   * which a thread reads windows through the cache, one batch ahead, with the same results; `deviceBudget` is 0 unless it is given. For
   * recordings that are larger than memory. Default: movies are loaded.
   */
  movieCache: bytesOption.optional(),
  /**
   * Whether each batch has samples of only one session, drawn in proportion to its size. Default false: samples of all sessions are
   * mixed.
   */
  homogeneousBatches: z.boolean().default(false),
  /**
   * The length of an epoch: each training sample once (`total`); the sample count of the longest session for each session, with shorter
   * ones repeated (`longest`); or the sample count of the shortest session for each, with different samples in each epoch (`shortest`).
   * Default `total`.
   */
  epochLength: z.enum(EPOCH_LENGTHS).default("total"),
  /** Whether to omit a last training batch that is not full, instead of padding it with samples that do not count. Default true. */
  dropLast: z.boolean().default(true),
  /** Whether to prefer frames of high contrast at first (`ContrastWeightedSampler`). Default false. */
  enableCurriculum: z.boolean().default(false),
  /** The number of optimizer steps until the curriculum ends. Default 8000. */
  warmupSteps: z.int().nonnegative().default(8000),
  /**
   * A user-defined sampler, made with `defineSampler`, which composes the batches. Default: the library's sampler for `homogeneousBatches`
   * and `enableCurriculum`.
   */
  sampler: checkedBy<ReturnType<typeof parseSampler>, SamplerOptions>(parseSampler).optional(),
};

/**
 * Options of serving several sessions.
 *
 * @interface
 */
export type MultiDatasetOptions = OptionsOf<typeof shape>;

const multiDatasetSchema = z
  .strictObject(shape)
  .refine(
    ({ sampler, homogeneousBatches, enableCurriculum }) =>
      !sampler || !(homogeneousBatches || enableCurriculum),
    {
      path: ["sampler"],
      error: "takes the place of homogeneousBatches and enableCurriculum; leave them out",
    },
  );

/** The samples of one batch: the session of each (-1 for padding), and its row among all sessions' frames. */
export type SessionBatch = { readonly dataset: Int32Array; readonly frame: Int32Array };

/**
 * A data module of several sessions. Samples are tagged with their session's number, shuffled, sharded over ranks, and served in batches
 * of equal length.
 *
 * @example
 * const data = await MultiDatasetDM.load("configs/sessions/demo.yaml", { maxDatasets: 3 });
 * display(data.summary());
 * for (const batch of data.trainBatches({ batchSize: 64, seed: 0, pass: 0 })) data.groupCollate(batch);
 */
export class MultiDatasetDM implements Displayable {
  /** The first row of each session among all sessions' frames. */
  readonly offsets: readonly number[];
  /** The limits of the memory for movies and responses, in bytes. */
  readonly limits: MovieLimits;
  private readonly order: BatchOrder;
  private readonly options: BatchOrderOptions;
  private readonly contrast: readonly Float32Array[] | undefined;
  /** Set when other processes have other sessions. */
  private sharded: ShardedOrder | undefined;

  /** The limit in bytes of movies and responses on the device; undefined for no limit. */
  get deviceBudget(): number | undefined {
    return this.limits.deviceBudget;
  }

  /** @throws ConfigError for options that are not allowed, or sessions that do not match one model */
  constructor(
    readonly sessions: readonly PreparedSession[],
    options: MultiDatasetOptions = {},
  ) {
    const checked = check(multiDatasetSchema, options, "MultiDatasetDM");
    requireAlike(
      sessions.map((session) => ({ name: session.name, file: session.file, kind: describeSession(session) })),
    );
    this.limits = limitsOf(checked);
    this.offsets = offsets(sessions.map(({ frames }) => frames));
    this.options = checked;
    this.contrast = checked.enableCurriculum
      ? trainContrast(sessions, checked.homogeneousBatches)
      : undefined;
    const sizes = sessions.map(({ train }) => train.length);
    this.order = new BatchOrder(sizes, checked, this.contrast);
  }

  /**
   * Reads and prepares the sessions of a configuration.
   *
   * @param configs the configuration's file, or the sessions' checked configurations
   * @throws ConfigError that names the file and the key or covariate
   */
  static async load(
    configs: string | readonly SessionConfig[],
    options: MultiDatasetOptions = {},
  ): Promise<MultiDatasetDM> {
    const checked = check(multiDatasetSchema, options, "MultiDatasetDM");
    const { maxDatasets, dataDir, dsetDtype } = checked;
    const limits = limitsOf(checked);
    const sessions = await loadSessions(configs, {
      maxDatasets,
      dataDir,
      dsetDtype,
      allocate: (bytes) => allocateMovies(bytes, limits),
      placeResponses: (counts) => responsePlaces(counts, limits),
    });
    return new MultiDatasetDM(sessions, options);
  }

  /** Returns the number of training batches of a pass on each of `worldSize` ranks. */
  trainBatchCount(batchSize: number, worldSize = 1): number {
    return this.sharded?.count(batchSize) ?? this.order.count(batchSize, worldSize);
  }

  /** The samples of each session. @internal */
  get counts(): SampleCounts[] {
    const { contrast } = this;
    return this.sessions.map(({ train, validation }, i) => {
      const sizes = { train: train.length, validation: validation.length };
      return contrast ? { ...sizes, contrast: contrast[i]! } : sizes;
    });
  }

  /**
   * Serves this process's part of the batches of all processes from now on, which have a session each.
   *
   * @param all the samples of the sessions of all processes
   * @internal
   */
  divide(all: readonly SampleCounts[], division: Division): void {
    this.sharded = new ShardedOrder(all, this.options, division);
  }

  /** Generates the training batches of a pass. @throws ConfigError when the sessions do not fill one batch */
  *trainBatches(request: BatchRequest): Generator<SessionBatch> {
    const { batchSize, worldSize = 1 } = request;
    if (this.trainBatchCount(batchSize, worldSize) === 0) {
      const samples = this.sessions.reduce((sum, { train }) => sum + train.length, 0);
      const ranks = worldSize > 1 ? ` on each of ${worldSize} ranks` : "";
      const message = `${batchSize} samples in a batch${ranks} are more than the ${samples} training samples; make it smaller, or set dropLast to false`;
      throw new ConfigError("MultiDatasetDM", [{ path: "batchSize", message }]);
    }
    for (const batch of (this.sharded ?? this.order).train(request)) yield this.rows("train", batch);
  }

  /** Returns the number of batches of a validation. */
  validationBatchCount(batchSize: number): number {
    const { sharded, sessions } = this;
    if (sharded) return sharded.validationCount(batchSize);
    return Math.ceil(sessions.reduce((sum, { validation }) => sum + validation.length, 0) / batchSize);
  }

  /**
   * Generates batches with all validation samples once over all ranks, shuffled by seed. The last batch is padded with samples that do
   * not count.
   */
  *validationBatches(request: BatchRequest): Generator<SessionBatch> {
    const sizes = this.sessions.map(({ validation }) => validation.length);
    const batches = this.sharded?.validation(request) ?? BatchOrder.validation(sizes, request);
    for (const batch of batches) yield this.rows("validation", batch);
  }

  /** Groups a batch by session, in the order of the sessions. Each group has the frames of its samples. */
  groupCollate({ dataset, frame }: SessionBatch): { datasetIdx: number; frames: Int32Array }[] {
    return this.sessions.flatMap((_, datasetIdx) => {
      const frames = frame
        .filter((__, i) => dataset[i] === datasetIdx)
        .map((row) => row - this.offsets[datasetIdx]!);
      return frames.length > 0 ? [{ datasetIdx, frames }] : [];
    });
  }

  /** Returns what a notebook shows for the object. */
  [DISPLAY](): Bundle {
    return this.summary()[DISPLAY]();
  }

  /** Returns the sessions as a table: units, frames, trials, the share of frames that count, and the movie's size. */
  summary(): Table {
    const rows = sessionSummary(this.sessions);
    const total = (key: "units" | "frames" | "movie (MB)") => rows.reduce((sum, row) => sum + row[key], 0);
    const megabytes = Math.ceil(total("movie (MB)")).toLocaleString("en");
    const split = this.sessions.some(({ config }) => config.split === "torch") ? ", split: torch" : "";
    const title = `${rows.length} sessions, ${total("units").toLocaleString("en")} units, ${total("frames").toLocaleString("en")} frames, ${megabytes} MB of movies${split}`;
    return new Table(rows, title);
  }

  /** Converts samples to rows. Padding samples get the row of the first sample; in an empty batch, a row that has all lags. */
  private rows(part: "train" | "validation", { dataset, index }: SampleBatch): SessionBatch {
    const { sessions, offsets } = this;
    const row = (d: number, i: number) => offsets[d]! + sessions[d]![part][i]!;
    const first = dataset[0]! < 0 ? longestLag(sessions[0]!) : row(dataset[0]!, index[0]!);
    return { dataset, frame: index.map((i, k) => (dataset[k]! < 0 ? first : row(dataset[k]!, i))) };
  }
}

const limitsOf = ({ deviceBudget, movieCache }: MovieLimits): MovieLimits => ({ deviceBudget, movieCache });

/**
 * Returns the contrast of training samples.
 *
 * @throws ConfigError when batches are homogeneous and a session has no samples for a curriculum
 */
function trainContrast(sessions: readonly PreparedSession[], homogeneous: boolean): Float32Array[] {
  const scores = contrastScores(sessions);
  const contrast = sessions.map(({ train }, i) => Float32Array.from(train, (t) => scores[i]![t]!));
  const blank = sessions.filter((_, i) => contrast[i]!.every((score) => score === 0));
  if (homogeneous && blank.length > 0) {
    const message =
      "every training frame is blank, and a curriculum draws no blank frames, so there is no batch of this session alone; " +
      "leave the session out, or set homogeneousBatches or enableCurriculum to false";
    throw new ConfigError(
      "MultiDatasetDM",
      blank.map(({ name }) => ({ path: name, message })),
    );
  }
  return contrast;
}

/** Checks that all sessions have the same frame size, lags and behaviour variables. @param described descriptions by `describeSession` */
export function requireAlike(described: readonly { name: string; file: string; kind: string }[]): void {
  const first = described[0]!;
  for (const { file, kind } of described) {
    if (kind === first.kind) continue;
    const message = `has ${kind}, but ${first.name} has ${first.kind}; sessions of one model need the same`;
    throw new ConfigError(file, [{ path: "", message }]);
  }
}

/** Returns the number of behaviour variables of a sample, over all of its lags. */
export const behaviorsOf = ({ behavior, frames, config }: PreparedSession) =>
  (lagsOf(config, "behavior").length * (behavior?.length ?? 0)) / frames;

/** Describes everything that the sessions of one model have in common. */
export function describeSession(session: PreparedSession): string {
  const { lags, config, stimDtype = "uint8", responses = "counts" } = session;
  const behaviors = behaviorsOf(session);
  const behaves = behaviors > 0 ? ` and ${behaviors} variables of behavior` : "";
  const others = (["behavior", "history"] as const).map((key) => lagsOf(config, key).join(","));
  const ofBehavior = behaviors > 0 && others[0] !== "0" ? ` at lags ${others[0]}` : "";
  const ofHistory = others[1] ? ` and history at lags ${others[1]}` : "";
  const stored = stimDtype === "uint8" ? "" : ` stored as ${stimDtype}`;
  const kind = responses === "counts" ? "" : `${responses} as responses, `;
  return `${kind}frames of ${frameSize(session)}${stored} and lags ${lags.join(",")}${behaves}${ofBehavior}${ofHistory}`;
}
