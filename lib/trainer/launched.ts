import { join } from "node:path";
import { ConfigError, type Problem } from "../config";
import { type Allotment, LaunchError, Link, type Place, Supervisor } from "../launch";
import type { Callback, Kept } from "./callback";
import { loadCheckpoint, NOTHING_GOES_ON, saveCheckpoint } from "./checkpoint";
import { EventsFile, type Observer, type Stopped, type TrainerEvent } from "./events";
import { Fit } from "./fit";
import type { BatchSource, Recipe, TrainingModule } from "./module";
import { Observers } from "./observers";
import type { CheckedOptions } from "./options";
import { Ranks } from "./ranks";
import { cook } from "./recipe";
import { type ResumePoint, resumePoint } from "./resume";
import { type EpochRecord, Run, variablesOf } from "./run";
import { RunFolder } from "./run-folder";
import { served } from "./served";
import { StopSignal } from "./stop";

/** A fit before it is decided where it runs. */
export interface Fitting {
  readonly module: TrainingModule & BatchSource;
  readonly options: CheckedOptions;
  /** Makes the run's folder; once for all processes. */
  create(): RunFolder;
  /** Makes the run's folder as it was at a checkpoint. */
  reopen(from: ResumePoint): RunFolder;
  readonly workers: readonly Callback[];
  readonly observers: readonly Observer[];
  /** The batches that were given for the module, if any; in `module` already. */
  readonly source: BatchSource | undefined;
}

/** What a worker is told. */
interface Orders {
  readonly module: Recipe;
  readonly source?: Recipe;
  readonly callbacks: readonly Recipe[];
  readonly options: Omit<CheckedOptions, "callbacks" | "signal">;
  readonly folder: string;
}

/** What rank 0 answers. */
interface Report {
  readonly stopped: Stopped;
  readonly history: readonly EpochRecord[];
  readonly kept: Kept;
  readonly seconds: number;
  /** A checkpoint of the moment the fit ended. */
  readonly weights: string;
}

const WEIGHTS = "final.safetensors";
const LOOK_EVERY = 50;

/**
 * Trains in a process per device. This one computes nothing: it looks after the others, and has what they tell observed.
 *
 * @throws ConfigError for a module or a callback that another process cannot make
 * @throws LaunchError when one of them failed; none is left then, and the run can be resumed
 */
export async function fitInProcesses(fitting: Fitting & { allotment: Allotment }): Promise<Run> {
  const { module, allotment } = fitting;
  const { callbacks: _, signal: abort, ...options } = fitting.options;
  const recipes = recipesOf(fitting, allotment.gpus.length);
  const folder = fitting.create();
  const observers = new Observers([new EventsFile(folder.events), ...fitting.observers]);
  let observed = Promise.resolve();
  const tell = (event: TrainerEvent) => {
    observed = observed.then(() => observers.tell(event));
  };
  const signal = new StopSignal();
  await signal.listen(abort);
  try {
    for (let restarts = 0, from = options.resume; ; restarts++) {
      const orders: Orders = { ...recipes, options: { ...options, resume: from }, folder: folder.path };
      try {
        const { stopped, history, kept, seconds, weights } = await launch(orders, allotment, signal, tell);
        await observed;
        loadCheckpoint(weights, variablesOf(module));
        return new Run(module, folder.path, stopped, history, kept, seconds);
      } catch (error) {
        await observed;
        if (!(error instanceof LaunchError)) throw error;
        const last = resumePoint("auto", folder.checkpoints);
        if (restarts === options.maxRestarts || signal.reason)
          throw last ? error.advise(HOW_TO_GO_ON) : error;
        if (last) fitting.reopen(last);
        from = last?.path ?? options.resume;
        const where = last ? `step ${last.state.step}` : "the beginning";
        const message = `started again from ${where} (${restarts + 1} of ${options.maxRestarts}): ${error.message}`;
        console.warn(message);
        tell({ event: "warning", message });
      }
    }
  } finally {
    signal.release();
  }
}

const HOW_TO_GO_ON =
  'No process is left. Go on from the last checkpoint with `resume: "auto"`, on as many devices as you like.';

/** One attempt: all processes from their start to their end. */
async function launch(
  orders: Orders,
  allotment: Allotment,
  signal: StopSignal,
  tell: (event: TrainerEvent) => void,
): Promise<Report> {
  const supervisor = new Supervisor({
    program: { module: __filename, name: "trainOnRank" },
    data: orders,
    allotment,
    logs: new RunFolder(orders.folder).logs,
    watchdog: orders.options.watchdog,
    onTell: (_rank, what) => tell(what as TrainerEvent),
  });
  const looking = setInterval(() => {
    if (!signal.reason) return;
    clearInterval(looking);
    supervisor.stop(signal.reason);
  }, LOOK_EVERY);
  try {
    return (await supervisor.run()) as Report;
  } finally {
    clearInterval(looking);
  }
}

/** A module, its batches and callbacks as what can be told to another process. @throws ConfigError that says which cannot, and why */
function recipesOf({ module, source, workers: callbacks }: Fitting, processes: number) {
  const why =
    `the ${processes} workers are processes of their own, where what this one defined (in a notebook's cell, or in the ` +
    "script itself) does not exist";
  const problems: Problem[] = callbacks.flatMap((callback, i) => {
    if (callback.recipe) return [];
    const message =
      `${callback.constructor.name} runs beside the tensors, and ${why}. Put it into a module and give ` +
      '`await fromModule("./file.ts#Name", options)`, or make it an observer (an object with `observe`), which works from anywhere';
    return [{ path: `callbacks.${i}`, message }];
  });
  if (source && !source.recipe)
    problems.unshift({
      path: "source",
      message:
        `the batches that were given serve this process only: ${why}. Put what makes them into a module and give ` +
        '`await fromModule("./file.ts#name", options)`',
    });
  if (!module.recipe)
    problems.unshift({
      path: "devices",
      message:
        `${module.constructor.name} cannot be trained on ${processes} devices: ${why}. Put what makes it into a module and give ` +
        '`await fromModule("./file.ts#name", options)`',
    });
  if (problems.length > 0) throw new ConfigError("Trainer.fit", problems);
  const given = source ? { source: source.recipe! } : {};
  return { module: module.recipe!, ...given, callbacks: callbacks.map(({ recipe }) => recipe!) };
}

/** The program of a worker. */
export async function trainOnRank(link: Link, orders: Orders): Promise<Report | undefined> {
  const source = orders.source ? await cook<BatchSource>(orders.source) : undefined;
  const module = served(await cook<TrainingModule>(orders.module), source);
  const workers = await Promise.all(orders.callbacks.map((recipe) => cook<Callback>(recipe)));
  const folder = new RunFolder(orders.folder);
  const telling: Observer = { observe: (event) => link.tell(event) };
  const ranks = link.worldSize > 1 ? new Ranks(link) : undefined;
  const observers = link.rank === 0 ? [telling] : [];
  const fit = new Fit(module, { ...orders.options, callbacks: [] }, folder, workers, observers, ranks);
  const { stopped, history, kept, seconds } = await fit.run();
  const weights = join(folder.logs, WEIGHTS);
  if (link.rank > 0) return undefined;
  saveCheckpoint(weights, variablesOf(module), {
    ...{ format: 1, epoch: fit.epoch, step: fit.step, seed: orders.options.seed },
    ...{ ...NOTHING_GOES_ON, metrics: {}, config: module.config },
  });
  return { stopped, history, kept, seconds, weights };
}

/** Processes that torchrun or SLURM started find each other once, and stay together for every fit of the program. */
let joined: Promise<Link> | undefined;

/** Seconds that the first process waits for the last: on a cluster they start when their host is ready. */
const JOIN_TIMEOUT = 300;

/** Trains as one of the processes that torchrun or SLURM started. Observers and the run's folder are rank 0's. */
export async function fitAtPlace(place: Place, fitting: Fitting): Promise<Run> {
  const { module, options, workers, observers, create } = fitting;
  const { TORCHELASTIC_RUN_ID, SLURM_JOB_ID, GRADBOOK_HOST: host, GRADBOOK_JOIN_TIMEOUT } = process.env;
  joined ??= Link.join(place, {
    supervised: false,
    key: TORCHELASTIC_RUN_ID ?? SLURM_JOB_ID ?? "",
    watchdog: options.watchdog,
    joinTimeout: Number(GRADBOOK_JOIN_TIMEOUT ?? JOIN_TIMEOUT),
    ...(host === undefined ? {} : { host }),
  });
  const link = await joined;
  await link.begin();
  try {
    const ranks = new Ranks(link);
    const first = place.rank === 0;
    const folder = first ? create() : new RunFolder(join(options.dir, options.name));
    const seen = first ? [new EventsFile(folder.events), ...observers] : [];
    const run = await new Fit(module, options, folder, workers, seen, ranks).run();
    ranks.dispose();
    await link.part();
    return run;
  } catch (error) {
    await link.fail(error);
    throw error;
  }
}
