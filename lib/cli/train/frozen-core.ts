import { statSync } from "node:fs";
import { basename, extname } from "node:path";
import { z } from "zod";
import { ConfigError } from "../../base/config";
import type { StageName } from "../../model";
import { bestCheckpoint } from "../../trainer/checkpoint/scan";
import { AbbreviatedCommand } from "./abbreviated";
import { CONFIG, PROGRESS, type RunWords, train, trainOptions } from "./command";
import { FLAGS, type TrainFlags, trainSchema } from "./flags";
import { type Flag, text } from "./optimization-flags";
import { timestamp } from "./plan";
import { readFlagsOf } from "./read-flags";

const COMMAND = "gradbook train-frozencore";

/** The stages that all sessions share: they are loaded and not trained. */
const CORE: StageName[] = ["frontend", "convnet", "modulator", "recurrent"];

/** The flags of `gradbook train` that this command sets itself. */
const OWN = [
  "model_config",
  "core_lr_scale",
  "freeze_vision",
  "pretrained_stages",
  "freeze_stages",
] as const satisfies (keyof TrainFlags)[];

/** The defaults that differ from those of `gradbook train`, as in the Lightning package's script. */
const DEFAULTS = {
  learning_rate: 1e-3,
  lr_scheduler: "cosine_warmup",
  precision: "bf16-mixed",
  dset_dtype: "bfloat16",
  early_stopping_patience: 20,
  log_dataset_idx: 0,
};

/** The flags that only this command has. */
const CORE_FLAGS = {
  pretrained_checkpoint: {
    ...FLAGS.pretrained_checkpoint,
    value: "file|folder",
    help: "the checkpoint with the core, or a folder of runs, of which the best of --model_type is taken",
  },
  model_type: {
    group: "Start from a checkpoint",
    schema: text(z.string().min(1)).optional(),
    value: "type",
    help: "the kind of model to take from the folder, such as resnet_none_convgru (see gradbook list)",
  },
  model_index: {
    group: "Start from a checkpoint",
    schema: z.int().nonnegative().optional(),
    value: "n",
    help: "the rank of the checkpoint among those of --model_type, from 0 (default: the best)",
  },
} satisfies Record<string, Flag>;

const omitted = Object.fromEntries(OWN.map((name) => [name, true])) as Record<(typeof OWN)[number], true>;
const schema = trainSchema.omit(omitted).extend({
  model_type: CORE_FLAGS.model_type.schema,
  model_index: CORE_FLAGS.model_index.schema,
});

/** `gradbook train-frozencore`: new adapters and readouts for new sessions on the core of a trained model. */
export function trainFrozenCoreCommand(): AbbreviatedCommand {
  const command = new AbbreviatedCommand("train-frozencore")
    .description(
      "train adapters and readouts for new sessions on a trained core (frontend, convnet, modulator, recurrent), which is frozen; exit codes as of train",
    )
    .addOption(CONFIG)
    .addOption(PROGRESS);
  for (const option of trainOptions(OWN, CORE_FLAGS, DEFAULTS)) command.addOption(option);
  return command.action(async ({ config, progress, ...words }: RunWords) => {
    const flags = frozenCoreFlags(readFrozenCoreFlags(words, config), config ?? COMMAND);
    console.warn(`core: ${flags.pretrained_checkpoint}`);
    process.exitCode = await train(flags, config ?? COMMAND, progress);
  }) as AbbreviatedCommand;
}

/** Reads the flags of this command, as `readFlags` does. */
export function readFrozenCoreFlags(words: Readonly<Record<string, unknown>>, config?: string) {
  return readFlagsOf({ schema, defaults: DEFAULTS, command: COMMAND }, words, config);
}

/**
 * Returns the flags of `gradbook train` that train new adapters and readouts on the core of a checkpoint. The model's configuration is
 * that of the checkpoint.
 *
 * @param where names the flags' origin, for errors
 * @param now names the run when the flags do not
 * @throws ConfigError when there is no such checkpoint
 */
export function frozenCoreFlags(
  { model_type, model_index, ...flags }: z.output<typeof schema>,
  where: string,
  now = new Date(),
): TrainFlags {
  const checkpoint = coreOf({ ...flags, model_type, model_index }, where);
  const model = model_type ?? basename(checkpoint, extname(checkpoint));
  return {
    ...flags,
    core_lr_scale: 1,
    freeze_vision: false,
    model_config: checkpoint,
    pretrained_checkpoint: checkpoint,
    pretrained_stages: CORE,
    freeze_stages: CORE,
    experiment_name: flags.experiment_name ?? `frozencore_${model}-${timestamp(now)}`,
  };
}

/** Returns the path of the checkpoint that has the core. */
function coreOf(
  {
    pretrained_checkpoint: path,
    model_type,
    model_index,
  }: Pick<z.output<typeof schema>, "pretrained_checkpoint" | "model_type" | "model_index">,
  where: string,
): string {
  const fail = (at: string, message: string) => new ConfigError(where, [{ path: at, message }]);
  if (path === undefined)
    throw fail("pretrained_checkpoint", "missing: the checkpoint with the core, or a folder of runs");
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return path;
  if (model_type === undefined)
    throw fail(
      "model_type",
      `missing: the kind of model to take from ${path}; \`gradbook list ${path}\` shows them`,
    );
  return bestCheckpoint(path, model_type, model_index).path;
}
