import { dirname, join } from "node:path";
import { ConfigError } from "../../base/config";
import { writeAtomically } from "../../base/files/atomic";
import { makeFolder } from "../../base/files/folder";
import type { Callback, FitContext } from "../../protocols/callback";
import type { FactoryReference } from "../../protocols/module";
import { TwinModule } from "../../twin/twin-module";
import { evaluate } from "../evaluate";
import { Evaluation } from "../evaluation";
import { evaluationPictures, featurePictures, kernelPictures, maskPictures, type Picture } from "./pictures";

/** The options of `ModelLoggingCallback`. */
export interface ModelLoggingOptions {
  /** The number of epochs between pictures of kernels and masks, which are quick to draw. Default 5. */
  fastLogInterval?: number;
  /** The number of epochs between evaluations, which take some seconds for each session. Default 10. */
  slowLogInterval?: number;
  /** The number of the session to draw. Default: all sessions; of weights with `shard`, those of rank 0. */
  logDatasetIdx?: number;
}

/**
 * Shows how a twin develops during training. Every few epochs it draws the temporal and spatial kernels, the readout
 * masks and the feature weights. Less often it runs the evaluation, with spike-triggered averages and averages around saccades. Pictures go
 * into the run's folder (`pictures/<name>/epoch-005.svg`) and evaluations beside them. Loggers receive both, and
 * `gradbook report` shows them over the epochs.
 *
 * @example
 * callbacks: [new ModelLoggingCallback(), new TensorBoardLogger()]
 */
export class ModelLoggingCallback implements Callback {
  private readonly options: Required<Omit<ModelLoggingOptions, "logDatasetIdx">> & ModelLoggingOptions;

  readonly recipe: FactoryReference;
  /** The epoch that has ended since the last validation. */
  private ended: number | undefined;

  constructor(options: ModelLoggingOptions = {}) {
    this.recipe = { module: __filename, name: "ModelLoggingCallback", options };
    this.options = { fastLogInterval: 5, slowLogInterval: 10, ...options };
  }

  /** @throws ConfigError when the training module is not a twin, or has no session of that number */
  onFitStart({ module }: FitContext): void {
    const { logDatasetIdx: only } = this.options;
    const fail = (path: string, message: string) => {
      throw new ConfigError("ModelLoggingCallback", [{ path, message }]);
    };
    if (!(module instanceof TwinModule))
      fail("", "shows pictures of digital twins, but the trained module is not one; leave this callback out");
    else if (only !== undefined && !module.datasets[only])
      fail("logDatasetIdx", `is ${only}, but the sessions are 0..${module.datasets.length - 1}`);
  }

  onTrainEpochEnd({ epoch }: FitContext): void {
    this.ended = epoch;
  }

  /** Acts on the first validation after the end of an epoch, if an epoch has several. */
  async onValidationEnd(context: FitContext): Promise<void> {
    const { fastLogInterval, slowLogInterval, logDatasetIdx: only } = this.options;
    const { ended: epoch } = this;
    if (epoch === undefined) return;
    this.ended = undefined;
    const twin = context.module as TwinModule;
    // Processes that have all sessions would all draw the same.
    if (!twin.shard && context.rank > 0) return;
    const session = only === undefined ? undefined : twin.datasets[only];
    if ((epoch + 1) % fastLogInterval === 0)
      await this.write(context, epoch, await this.weightDrawings(context, session));
    if ((epoch + 1) % slowLogInterval !== 0) return;
    const evaluation = await evaluated(context);
    if (context.rank > 0) return;
    const folder = folderOf(context, "evaluations");
    writeAtomically(join(folder, `epoch-${padded(epoch)}.json`), [JSON.stringify(evaluation)]);
    await context.emit({ event: "evaluation", epoch, step: context.step, ...evaluation.metrics() });
    await this.write(context, epoch, evaluationPictures(evaluation, session).map(drawn));
  }

  /** Draws the weights. With `shard`, the process that has the session draws them; by default, rank 0 draws those of its sessions. */
  private async weightDrawings(context: FitContext, session: string | undefined): Promise<Drawing[]> {
    const twin = context.module as TwinModule;
    const place = twin.sessions.findIndex(({ name }) => name === session);
    const draws = session === undefined ? context.rank === 0 : place >= 0;
    const only = session === undefined ? undefined : place;
    const own = draws
      ? [...kernelPictures(twin.model), ...(await maskPictures(twin, only)), ...featurePictures(twin, only)]
      : [];
    const drawings = own.map(drawn);
    return twin.shard ? ((await context.gather(drawings)) as Drawing[][]).flat() : drawings;
  }

  private async write(context: FitContext, epoch: number, drawings: readonly Drawing[]): Promise<void> {
    const { rank, step } = context;
    if (rank > 0) return;
    for (const { name, svg } of drawings) {
      const kind = join("pictures", name.replaceAll(" ", "-"));
      const folder = folderOf(context, kind);
      const file = `epoch-${padded(epoch)}.svg`;
      writeAtomically(join(folder, file), [svg]);
      await context.emit({ event: "picture", epoch, step, name, path: join(kind, file) });
    }
  }
}

/** A picture as text, which can be sent to another process. */
interface Drawing {
  readonly name: string;
  readonly svg: string;
}

const drawn = ({ name, figure }: Picture): Drawing => ({ name, svg: figure.svg() });

/** Evaluates the sessions of all processes. */
async function evaluated(context: FitContext): Promise<Evaluation> {
  const twin = context.module as TwinModule;
  const own = await evaluate(twin);
  if (!twin.shard) return own;
  const parts = (await context.gather(own)) as Parameters<typeof Evaluation.from>[0][];
  return Evaluation.joined(parts.map(Evaluation.from), twin.datasets);
}

/** Returns a folder inside the run's folder. */
function folderOf({ checkpoints }: FitContext, name: string): string {
  const folder = join(dirname(checkpoints), name);
  makeFolder(folder);
  return folder;
}

/** Epochs are counted from 1 in file names. */
const padded = (epoch: number) => String(epoch + 1).padStart(3, "0");
