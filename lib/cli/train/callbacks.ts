import { EarlyStopping } from "../../callbacks/early-stopping";
import { CSVLogger } from "../../callbacks/loggers/csv";
import { MLflowLogger } from "../../callbacks/loggers/mlflow";
import { TensorBoardLogger } from "../../callbacks/loggers/tensorboard";
import { WandbOfflineLogger } from "../../callbacks/loggers/wandb";
import { ModelCheckpoint } from "../../callbacks/model-checkpoint";
import { TimeBudgetCallback } from "../../callbacks/time-budget";
import { EMAWeightAveraging } from "../../callbacks/weight-averaging";
import { ModelLoggingCallback } from "../../evaluation/report/model-logging";
import type { Observer } from "../../protocols/events";
import type { TrainerOptions } from "../../trainer/options";
import type { TrainFlags } from "./flags";

/** Returns the callbacks that the flags select. @param monitored the metric that ranks checkpoints and triggers early stopping. Default: bits per spike */
export function callbacksOf(
  flags: TrainFlags,
  monitored: { monitor: string; mode: "min" | "max" } = { monitor: "val_bps_overall", mode: "max" },
): NonNullable<TrainerOptions["callbacks"]> {
  const { early_stopping_patience: patience, early_stopping_min_delta: minDelta } = flags;
  const { time_budget_minutes: minutes, log_dataset_idx } = flags;
  const logging = {
    fastLogInterval: flags.fast_log_interval,
    slowLogInterval: flags.slow_log_interval,
    ...(log_dataset_idx === undefined ? {} : { logDatasetIdx: log_dataset_idx }),
  };
  const named = flags.checkpoint_filename === undefined ? {} : { filename: flags.checkpoint_filename };
  return [
    ...(flags.ema_decay === undefined ? [] : [new EMAWeightAveraging({ decay: flags.ema_decay })]),
    new ModelCheckpoint({ ...monitored, saveTopK: 3, ...named }),
    ...(patience ? [new EarlyStopping({ ...monitored, patience, minDelta })] : []),
    ...(minutes ? [new TimeBudgetCallback({ minutes })] : []),
    ...(flags.enable_logging ? [new ModelLoggingCallback(logging)] : []),
    ...loggersOf(flags),
  ];
}

function loggersOf({ logger, enable_logging, project_name }: TrainFlags): Observer[] {
  const make = {
    tensorboard: () => new TensorBoardLogger(),
    csv: () => new CSVLogger(),
    mlflow: () => new MLflowLogger(project_name ? { experiment: project_name } : {}),
    wandb: () => new WandbOfflineLogger(project_name ? { project: project_name } : {}),
  };
  return (logger ?? (enable_logging ? (["tensorboard"] as const) : [])).map((name) => make[name]());
}
