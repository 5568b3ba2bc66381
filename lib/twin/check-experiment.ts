import { attempt, type Note } from "../base/config/notes";
import type { MovieDtype } from "../base/dsp/movie";
import { behaviorWidth } from "../data/behavior-width";
import { floatingOp } from "../data/config-problems";
import { readDatasetConfig } from "../data/dataset-config";
import { preparedChannels } from "../data/read-movie";
import { historyLagsOf } from "../data/serving/data-for-model";
import { lagsOf } from "../data/session-lags";
import type { SessionConfig } from "../data/session-schema";
import type { ModelConfig, ModelInput } from "../model";
import { notesOfDerived } from "../model/derived";
import { planModel } from "../model/plan";
import type { ModelPlan } from "../model/planned";
import { inputOf } from "./experiment-input";
import { readModelFile } from "./model-file";

/** The files to check, and how they will be used. */
export interface FilesToCheck {
  /** The model's YAML file, or a checkpoint of gradbook or PyTorch that holds its configuration. */
  readonly model?: string | undefined;
  /** The sessions' YAML file or folder. */
  readonly sessions?: string | undefined;
  /** The storage type of movies. Default: any that the transforms allow. */
  readonly dsetDtype?: MovieDtype | undefined;
  /** The maximum number of sessions, starting with the first. Default: all. */
  readonly maxDatasets?: number | undefined;
  /** Whether to check shapes that depend on the size of the recordings' frames for an assumed size. Default true. */
  readonly assumesSizes?: boolean | undefined;
}

/** The results of a check. */
export interface CheckedFiles {
  /** Everything that is wrong; the files can be used when it is empty. */
  readonly problems: readonly Note[];
  /** Keys without effect, and values that are not used. */
  readonly notes: readonly Note[];
  readonly config?: ModelConfig | undefined;
  readonly sessions?: readonly SessionConfig[] | undefined;
  /** The model as it will be built for these sessions. */
  readonly plan?: ModelPlan | undefined;
  /** The number of behaviour variables of a sample; undefined when it depends on the recordings. */
  readonly behaviors?: number | undefined;
}

/** The size of frames when nothing but the recordings gives it. */
const ASSUMED_SIZE = 51;
const ASSUMED_FRAME = { height: ASSUMED_SIZE, width: ASSUMED_SIZE };
const ASSUMED_MOVIE = { ...ASSUMED_FRAME, frames: 1, channels: 1, dtype: "uint8" } as const;
/** The number of lags when the sessions do not give it. */
const ASSUMED_LAGS = 64;

/** Checks a model, its sessions, and whether they fit together. It reads no recording. */
export function checkExperiment({
  model,
  sessions,
  dsetDtype,
  maxDatasets,
  assumesSizes = true,
}: FilesToCheck): CheckedFiles {
  const problems: Note[] = [];
  const notes: Note[] = [];
  const note = (found: Note) => notes.push(found);
  const config = model === undefined ? undefined : attempt(problems, () => readModelFile(model, note));
  const read =
    sessions === undefined
      ? undefined
      : attempt(problems, () => readDatasetConfig(sessions, dsetDtype ?? "float32", note));
  const configs = read?.slice(0, maxDatasets);
  if (configs && !dsetDtype) notes.push(...notesOfDtype(configs, sessions!));
  const behaviors = configs && widthOf(configs, problems, sessions!);
  const known = configs && behaviors !== undefined && config?.adapter.type !== "none";
  const plan =
    config && (assumesSizes || known)
      ? attempt(problems, () => planned(config, configs, behaviors, model!, notes))
      : undefined;
  if (plan && configs) attempt(problems, () => historyLagsOf(configs, plan.historyLags));
  return { problems, notes, config, sessions: configs, plan, behaviors };
}

/** Plans the model for the sessions; where they are not known, for sizes that are assumed. */
function planned(
  config: ModelConfig,
  configs: readonly SessionConfig[] | undefined,
  behaviors: number | undefined,
  model: string,
  notes: Note[],
): ModelPlan {
  const assumed = Number(config.modulator.params.behavior_dim ?? 1);
  const input: ModelInput = {
    lags: configs ? lagsOf(configs[0]!, "stim").length : ASSUMED_LAGS,
    ...ASSUMED_FRAME,
    channels: config.initial_input_channels ?? (configs ? preparedChannels(ASSUMED_MOVIE, configs[0]!) : 1),
    units: configs?.map(({ cids }) => cids.length) ?? [1],
    behaviors: behaviors ?? assumed,
    ...(configs ? inputOf(configs) : {}),
  };
  const plan = planModel(config, input, model);
  if (configs) notes.push(...notesOfDerived(config, input, plan, model));
  if (plan.seesStimulus && config.adapter.type === "none")
    notes.push({
      where: model,
      path: "adapter",
      message: `is none, so the recordings give the size of frames; ${ASSUMED_SIZE} × ${ASSUMED_SIZE} is assumed for this check`,
    });
  return plan;
}

/** Returns the number of behaviour variables of the sessions, which must agree. */
function widthOf(configs: readonly SessionConfig[], problems: Note[], where: string): number | undefined {
  // Most sessions have the transforms of their parent.
  const widths = new Map<string, number | undefined>();
  const each = configs.map((config) => {
    const key = JSON.stringify([config.transforms, config.keys_lags]);
    if (!widths.has(key))
      widths.set(
        key,
        attempt(problems, () => behaviorWidth(config, where)),
      );
    return { name: config.session, width: widths.get(key), lags: lagsOf(config, "stim").join(",") };
  });
  const first = each[0]!;
  for (const { name, width, lags } of each) {
    if (width !== undefined && first.width !== undefined && width !== first.width)
      problems.push({
        where,
        path: `sessions: ${name}`,
        message: `serves ${width} variables of behavior, but ${first.name} serves ${first.width}; sessions of one model need the same`,
      });
    if (lags !== first.lags)
      problems.push({
        where,
        path: `sessions: ${name}`,
        message: `has the lags ${lags}, but ${first.name} has ${first.lags}; sessions of one model need the same`,
      });
  }
  return first.width;
}

/** Returns a note on transforms that the default storage type does not allow. */
function notesOfDtype(configs: readonly SessionConfig[], where: string): Note[] {
  const op = configs.map(floatingOp).find((name) => name !== undefined);
  if (!op) return [];
  const message = `${op} needs the movie in floating point; train with --dset_dtype bfloat16, float16 or float32`;
  return [{ where, path: "transforms.stim.ops", message }];
}
