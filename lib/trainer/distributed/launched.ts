import { ConfigError, type Problem } from "../../base/config";
import { LaunchError } from "../../distributed";
import type { Allotment } from "../../distributed/devices";
import { Supervisor } from "../../distributed/supervisor";
import { EventsFile, type TrainerEvent } from "../../protocols/events";
import { isDeferred } from "../../protocols/module";
import { loadCheckpoint } from "../checkpoint/checkpoint";
import { resumePoint } from "../checkpoint/resume";
import { RunFolder } from "../checkpoint/run-folder";
import type { Fitting } from "../fitting";
import { Observers } from "../hooks";
import { isPortable as isPortableOptimizer } from "../optim/config";
import { Run, variablesOf } from "../run";
import { isPortable as isPortableSchedule } from "../schedulers/config";
import { StopSignal } from "../stop";
import { type Orders, type Report, TRAIN_ON_RANK } from "./rank";

const LOOK_EVERY = 50;

/**
 * Trains in one process per device. This process does not compute: it supervises the others and passes their events to
 * the observers.
 *
 * @throws ConfigError for a module or a callback that another process cannot make
 * @throws LaunchError when a process failed; the others are stopped, and the run can be resumed
 */
export async function fitInProcesses(fitting: Fitting & { allotment: Allotment }): Promise<Run> {
  const { module, config, allotment } = fitting;
  const { callbacks: _, signal: abort, ...options } = fitting.options;
  const recipes = recipesOf(fitting, allotment.gpus.length);
  const folder = fitting.open();
  const observers = new Observers([new EventsFile(folder.events), ...fitting.observers]);
  let observed = Promise.resolve();
  const tell = (event: TrainerEvent) => {
    observed = observed.then(() => observers.tell(event));
  };
  const signal = new StopSignal();
  await signal.listen(abort);
  try {
    for (let restarts = 0, from = options.resume; ; restarts++) {
      const orders: Orders = {
        ...recipes,
        options: { ...options, resume: from },
        folder: folder.path,
        config,
      };
      try {
        const { stopped, history, kept, seconds, weights } = await launch(orders, allotment, signal, tell);
        await observed;
        // The weights of a run that diverged may not be finite, as after a fit in this process.
        if (!isDeferred(module)) loadCheckpoint(weights, variablesOf(module), { finite: false });
        return new Run(module, folder.path, stopped, history, kept, seconds);
      } catch (error) {
        await observed;
        if (!(error instanceof LaunchError)) throw error;
        const last = resumePoint("auto", folder.checkpoints, options.name);
        if (restarts === options.maxRestarts || signal.reason)
          throw last ? error.advise(HOW_TO_GO_ON) : error;
        if (last) fitting.goOn(folder, last);
        from = last?.path ?? options.resume;
        const where = last ? `step ${last.state.step}` : "the beginning";
        const message = `started again from ${where} (${restarts + 1} of ${options.maxRestarts}): ${error.message}`;
        console.warn(message);
        tell({ event: "warning", message });
      }
    }
  } finally {
    signal.release();
    folder.release();
  }
}

const HOW_TO_GO_ON =
  'No process is left. Continue from the last checkpoint with `resume: "auto"` (`--ckpt_path last`), on any number of devices.';

/** Runs one attempt, from the start of all processes to their end. */
async function launch(
  orders: Orders,
  allotment: Allotment,
  signal: StopSignal,
  tell: (event: TrainerEvent) => void,
): Promise<Report> {
  const supervisor = new Supervisor({
    program: TRAIN_ON_RANK,
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

/**
 * Returns the factory references of a module, its batches and its callbacks, which can be sent to another process.
 *
 * @throws ConfigError that lists the objects without one, with the reason
 */
function recipesOf({ module, source, workers: callbacks, options }: Fitting, processes: number) {
  const why =
    `the ${processes} workers are other processes, where definitions of this one (in a notebook's cell, or in the ` +
    "script itself) do not exist";
  const problems: Problem[] = callbacks.flatMap((callback, i) => {
    if (callback.recipe) return [];
    const message =
      `${callback.constructor.name} runs in the processes that train, and ${why}. Put it into a module and give ` +
      '`await fromModule("./file.ts#Name", options)`, or make it an observer (an object with `observe`), which works from anywhere';
    return [{ path: `callbacks.${i}`, message }];
  });
  for (const [path, portable] of [
    ["optimizer", isPortableOptimizer(options.optimizer)],
    ["scheduler", isPortableSchedule(options.scheduler)],
  ] as const) {
    if (portable) continue;
    const message =
      `a function serves this process only: ${why}. Export it from a module, made with ` +
      `define${path === "optimizer" ? "Optimizer" : "Scheduler"}, and give \`{ type: "./file.ts#name" }\``;
    problems.push({ path, message });
  }
  if (source && !source.recipe)
    problems.unshift({
      path: "source",
      message:
        `the batches that were given serve this process only: ${why}. Export a function that makes them from a module and give ` +
        '`await fromModule("./file.ts#name", options)`',
    });
  if (!module.recipe)
    problems.unshift({
      path: "devices",
      message:
        `${module.constructor.name} cannot be trained on ${processes} devices: ${why}. Export a function that makes it from a module and give ` +
        '`await fromModule("./file.ts#name", options)`',
    });
  if (problems.length > 0) throw new ConfigError("Trainer.fit", problems);
  const batches = source ? { source: source.recipe! } : {};
  return { module: module.recipe!, ...batches, callbacks: callbacks.map(({ recipe }) => recipe!) };
}
