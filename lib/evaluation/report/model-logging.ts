import { dirname, join } from "node:path";
import { ConfigError } from "../../base/config";
import { writeAtomically } from "../../base/files/atomic";
import { makeFolder } from "../../base/files/folder";
import type { Callback, FitContext } from "../../protocols/callback";
import type { FactoryReference } from "../../protocols/module";
import { TwinModule } from "../../twin/twin-module";
import { evaluate } from "../evaluate";
import { evaluationPictures, featurePictures, kernelPictures, maskPictures, type Picture } from "./pictures";

/** The options of `ModelLoggingCallback`. */
export interface ModelLoggingOptions {
  /** The number of epochs between pictures of kernels and masks, which are quick to draw. Default 5. */
  fastLogInterval?: number;
  /** The number of epochs between evaluations, which take some seconds for each session. Default 10. */
  slowLogInterval?: number;
  /** The number of the session to draw. Default: all sessions. */
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
    else if (only !== undefined && !module.sessions[only])
      fail("logDatasetIdx", `is ${only}, but the sessions are 0..${module.sessions.length - 1}`);
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
    const { step } = context;
    const twin = context.module as TwinModule;
    if ((epoch + 1) % fastLogInterval === 0)
      await this.write(context, epoch, [
        ...kernelPictures(twin.model),
        ...(await maskPictures(twin, only)),
        ...featurePictures(twin, only),
      ]);
    if ((epoch + 1) % slowLogInterval === 0) {
      const evaluation = await evaluate(twin);
      const folder = folderOf(context, "evaluations");
      writeAtomically(join(folder, `epoch-${padded(epoch)}.json`), [JSON.stringify(evaluation)]);
      await context.emit({ event: "evaluation", epoch, step, ...evaluation.metrics() });
      const session = only === undefined ? undefined : twin.sessions[only]!.name;
      await this.write(context, epoch, evaluationPictures(evaluation, session));
    }
  }

  private async write(context: FitContext, epoch: number, pictures: readonly Picture[]): Promise<void> {
    const { step } = context;
    for (const { name, figure } of pictures) {
      const kind = join("pictures", name.replaceAll(" ", "-"));
      const folder = folderOf(context, kind);
      const file = `epoch-${padded(epoch)}.svg`;
      writeAtomically(join(folder, file), [figure.svg()]);
      await context.emit({ event: "picture", epoch, step, name, path: join(kind, file) });
    }
  }
}

/** Returns a folder inside the run's folder. */
function folderOf({ checkpoints }: FitContext, name: string): string {
  const folder = join(dirname(checkpoints), name);
  makeFolder(folder);
  return folder;
}

/** Epochs are counted from 1 in file names. */
const padded = (epoch: number) => String(epoch + 1).padStart(3, "0");
