import { z } from "zod";
import { stageSchema } from "../model/config";
import { RESPONSE_KINDS } from "./responses";

const ops = z.array(z.record(z.string(), z.unknown()));
const lag = z.int().nonnegative();
/** Lags in frames; several lags add an axis, and null means 0. */
const lags = z.union([lag, z.array(lag).min(1), z.null()], {
  error: "must be a lag in frames (0 or more), a list of lags, or null",
});
const past = z
  .int()
  .positive({ error: "a spike history begins one bin before the predicted one: lags are 1 or more" });
const unitIds = z.array(z.int().nonnegative());

/** The ways to divide trials into training and validation. */
const SPLITS = ["auto", "gradbook", "torch", "tiers"] as const;
const trials = z.array(z.int()).min(1).optional();
const split = z.union([z.enum(SPLITS), z.strictObject({ train: trials, validation: trials, test: trials })], {
  error: `must be one of ${SPLITS.join(", ")}, or lists of trials: {train: [...], validation: [...], test: [...]}`,
});

/** The lists of units in a session's file that `unit_filters` can name. */
const UNIT_LISTS = ["visual", "qcmissing", "qccontam"] as const;

/** The options allowed in a session's file, and in the parent for all sessions. */
const shared = {
  /** Stimulus types to load and join, in this order. */
  types: z.array(z.string()).min(1),
  sampling: z
    .strictObject({ source_rate: z.number().positive(), target_rate: z.number().positive() })
    .optional(),
  /** The kind of the responses. Default: that of the session's file, which is `counts` if the file does not state it. */
  responses: z.enum(RESPONSE_KINDS).optional(),
  /** Frames before the predicted bin, by covariate. A model reads stim, behavior, eyepos and history; the loss robs and dfs. */
  keys_lags: z
    .object({
      /** The lags of the spike history that a model may read, in bins before the predicted one; never that bin itself. */
      history: z.union([past, z.array(past).min(1)]).optional(),
    })
    .catchall(lags)
    .default({}),
  /** The pipelines in order. A model's modulator reads `behavior`, its shifter `eyepos`, its history encoder `history`. */
  transforms: z
    .record(
      z.string(),
      z.strictObject({
        /** A covariate of the session's file, or a result exposed by an earlier entry. Default: the entry's own name. */
        source: z.string().optional(),
        ops: ops.default([]),
        /** The result's name. Default: the entry's own. */
        expose_as: z.string().optional(),
        /** Whether to concatenate the result on the last axis with earlier results exposed under that name. */
        concatenate: z.boolean().default(false),
        /** The result's lags, in place of those of `keys_lags`. */
        keys_lags: lags.optional(),
      }),
    )
    .default({}),
  datafilters: z
    .record(
      z.string(),
      z.strictObject({
        ops: ops.default([]),
        /** The mask's name. Default: the entry's own. */
        expose_as: z.string().optional(),
        /** The mask's lags, in place of those of `keys_lags`. */
        keys_lags: lags.optional(),
      }),
    )
    .default({}),
  /** Without `datafilters`, frames count after this many valid ones. */
  n_lags: z.int().positive().optional(),
  /** The share of trials to train on. */
  train_val_split: z.number().gt(0).lt(1).default(0.8),
  /**
   * The trials to train, to validate and to test on. `gradbook` divides the trials of all types together, and keeps trials that show the
   * same stimulus on one side; `torch` divides each stimulus type as the PyTorch package does, with its averaged trial numbers and
   * MT19937; `tiers` reads the covariate `tiers`; lists name the trials of each part by their `trial_inds`. `auto` is `tiers` for
   * recordings that have this covariate, else `gradbook`. Default: `torch` for files written for the package, else `auto`.
   */
  split: split.default("auto"),
  /** The seed of the split. Default: 1002 with `split: torch`, else 0. */
  seed: z.int().nonnegative().default(0),
  /** The units that respond to visual stimuli. */
  visual: unitIds.optional(),
  /** The units that pass the criteria of missing spikes and of contamination. */
  qcmissing: unitIds.optional(),
  qccontam: unitIds.optional(),
  /** The lists that a unit of `cids` must be in to be kept. Default: none, which keeps all of `cids`. */
  unit_filters: z.array(z.enum(UNIT_LISTS)).optional(),
  /** The laboratory of the recording, the eye that saw the stimulus, and the folder of its recordings. */
  lab: z.string().min(1).optional(),
  eye: z.string().min(1).optional(),
  directory: z.string().min(1).optional(),
  /** The recording, a file or a folder, from the session's file. Default: it is looked for by the session's name. */
  recording: z.string().min(1).optional(),
  /** The session's own adapter and readout, in place of the model's. */
  adapter: stageSchema.optional(),
  readout: stageSchema.optional(),
};

/** The schema of one session, merged from its own file and its parent, as recorded by a run. */
export const sessionSchema = z.strictObject({
  ...shared,
  session: z.string(),
  cids: z.array(z.int()).min(1),
  file: z.string(),
});
/** The schema of a sessions' configuration: shared options and the list of sessions. */
export const parentSchema = z.strictObject({
  ...shared,
  /** The folder of the sessions' files, relative to this file's folder. */
  session_dir: z.string().default("."),
  sessions: z
    .array(z.string(), {
      error: "must list the names of the sessions, which are those of their files without .yaml",
    })
    .min(1, { error: "names no session; list at least one" })
    .superRefine((names, context) => {
      const twice = names.find((name, i) => names.indexOf(name) < i);
      if (twice !== undefined)
        context.addIssue({
          code: "custom",
          message: `lists a session twice: ${twice}; a unit is trained once`,
        });
    }),
});

/** One session's configuration, defaults filled in; `file` is its session file. */
export type SessionConfig = z.output<typeof sessionSchema>;
