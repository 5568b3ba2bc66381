/**
 * The interfaces between a training module, its data, its callbacks and the trainer.
 *
 * @module gradbook/protocols
 */

export type { BatchResult, Callback, Drawable, FitContext, KeptCheckpoints } from "./callback";
export type { EpochRecord, Metrics, Observer, RecordedEvent, Stopped, TrainerEvent } from "./events";
export { fromModule } from "./factory-reference";
export type {
  ArrayValues,
  Batch,
  Batches,
  BatchRequest,
  BatchSource,
  DeferredModule,
  FactoryReference,
  Log,
  NamedVariables,
  NestedArray,
  TracedBatch,
  TrainedParameter,
  TrainingLoss,
  TrainingModule,
  TypedArray,
} from "./module";
export type { Shard, ShardedParameter } from "./shard";
