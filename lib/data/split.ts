import { ConfigError } from "../base/config";
import type { joinRecordings } from "./join-recordings";
import { joined } from "./ops";
import type { PreparedRecording } from "./prepare-recording";
import { longestLag } from "./session-lags";
import type { SessionConfig } from "./session-schema";
import {
  type Halves,
  type Repeats,
  type SplitOptions,
  splitTrials,
  splitTrialsAsTorch,
  validFrames,
} from "./split-trials";
import { framesByTier } from "./tiers";

/** The frames to train on, those of other trials to validate on, and those of trials that are held out, by the name of their tier. */
export interface Split extends Halves {
  readonly heldOut: Readonly<Record<string, Int32Array>>;
}

/** The recordings of a session, one after another, and facts that a split needs. */
export interface ToSplit {
  readonly joined: ReturnType<typeof joinRecordings>;
  readonly recordings: readonly Pick<PreparedRecording, "trialInds">[];
  /** The covariate `tiers` of all recordings, if they have it. */
  readonly tiers: ArrayLike<number> | undefined;
  /** Returns the presentations that show the same stimulus, in groups. It is called only if a split needs them. */
  readonly repeats: () => Repeats;
}

/**
 * Divides the valid frames of a session by trials, as the configuration's `split` says.
 *
 * @throws ConfigError when no valid frame is left, or none to train or to validate on; for unknown trials and tiers
 */
export function splitSession(session: ToSplit, config: SessionConfig): Split {
  const { joined, recordings, tiers } = session;
  const { dfs, dfsColumns, parts } = joined;
  const { file, split, train_val_split: share, seed } = config;
  const fail = (path: string, message: string) => new ConfigError(file, [{ path, message }]);
  const longest = longestLag({ config });
  // Excludes samples whose lags would reach into the previous recording.
  const valid = validFrames(dfs, dfsColumns).filter(
    (t) => t - parts.findLast(({ first }) => first <= t)!.first >= longest,
  );
  if (valid.length === 0) throw fail("datafilters", "leave no valid frame; is `n_lags` longer than a trial?");
  const options = { share, seed };
  const bySplit = { file, path: "split" };
  if (typeof split === "object") return requireBoth(splitByLists(session, valid, split, config), bySplit);
  if (split === "tiers" || (split === "auto" && tiers)) {
    if (!tiers)
      throw fail("split", 'is "tiers", but the recordings have no covariate `tiers`, a tier for each frame');
    return requireBoth(splitByTiers(tiers, valid, session, config), bySplit);
  }
  const halves =
    split === "torch"
      ? splitEachType(parts, recordings, valid, options)
      : splitTrials(joined.trialInds, valid, { ...options, repeats: session.repeats() });
  const isSingle = new Set(valid.map((t) => joined.trialInds[t]!)).size === 1;
  const reason = isSingle ? "; the session has only one" : "";
  return requireBoth({ ...halves, heldOut: {} }, { file, path: "train_val_split", reason });
}

/** Returns a split that has frames to train and to validate on. @throws ConfigError for any other */
function requireBoth(
  split: Split,
  { file, path, reason = "" }: { file: string; path: string; reason?: string },
): Split {
  const lacks = split.train.length === 0 ? "train" : split.validation.length === 0 ? "validate" : undefined;
  if (!lacks) return split;
  throw new ConfigError(file, [{ path, message: `leaves no trial to ${lacks} on${reason}` }]);
}

/** Divides frames by the covariate `tiers`. Without a tier `validation`, the trials of `train` are divided. */
function splitByTiers(
  tiers: ArrayLike<number>,
  valid: Int32Array,
  { joined, repeats }: ToSplit,
  { file, train_val_split: share, seed }: SessionConfig,
): Split {
  const {
    train = new Int32Array(),
    validation,
    ...heldOut
  } = Object.fromEntries(framesByTier(tiers, valid, file));
  if (validation) return { train, validation, heldOut };
  return { ...splitTrials(joined.trialInds, train, { share, seed, repeats: repeats() }), heldOut };
}

/**
 * Divides frames by lists of trials, whose numbers are those of `trial_inds` in the file. If only one of `train` and `validation` is
 * given, the other one has all remaining trials; if neither is given, the remaining trials are divided.
 */
function splitByLists(
  { joined, recordings, repeats }: ToSplit,
  valid: Int32Array,
  lists: Partial<Record<"train" | "validation" | "test", number[]>>,
  { file, train_val_split: share, seed }: SessionConfig,
): Split {
  const numbers = joinedTrials(recordings);
  const partOf = partsOfTrials(lists, new Set(numbers), file);
  const of = (part: string | undefined) => valid.filter((t) => partOf.get(numbers[t]!) === part);
  const heldOut: Split["heldOut"] = lists.test ? { test: of("test") } : {};
  const rest = of(undefined);
  if (!lists.train && !lists.validation)
    return { ...splitTrials(joined.trialInds, rest, { share, seed, repeats: repeats() }), heldOut };
  return {
    train: lists.train ? of("train") : rest,
    validation: lists.validation ? of("validation") : rest,
    heldOut,
  };
}

/** Returns the part that each listed trial belongs to. @throws ConfigError for a trial that is unknown, or listed twice */
function partsOfTrials(
  lists: Readonly<Record<string, readonly number[] | undefined>>,
  known: ReadonlySet<number>,
  file: string,
): ReadonlyMap<number, string> {
  const partOf = new Map<number, string>();
  for (const [part, trials = []] of Object.entries(lists)) {
    for (const trial of trials) {
      const before = partOf.get(trial);
      const problem =
        before !== undefined
          ? `lists trial ${trial}, which is also in split.${before}; each trial belongs to one part`
          : known.has(trial)
            ? undefined
            : `lists trial ${trial}, but no frame has this number in trial_inds; it has ${[...known]
                .sort((a, b) => a - b)
                .slice(0, 5)
                .join(", ")}${known.size > 5 ? ", ..." : ""}`;
      if (problem) throw new ConfigError(file, [{ path: `split.${part}`, message: problem }]);
      partOf.set(trial, part);
    }
  }
  return partOf;
}

const joinedTrials = (recordings: ToSplit["recordings"]): Int32Array =>
  joined(
    Int32Array,
    recordings.map(({ trialInds }) => trialInds),
  );

/** Divides the trials of each stimulus type as the PyTorch package does. */
function splitEachType(
  parts: ReturnType<typeof joinRecordings>["parts"],
  recordings: ToSplit["recordings"],
  valid: Int32Array,
  options: SplitOptions,
): Halves {
  const each = parts.map(({ first, frames }, i) => {
    const own = valid.filter((t) => t >= first && t < first + frames).map((t) => t - first);
    const { train, validation } = splitTrialsAsTorch(recordings[i]!.trialInds, own, options);
    return { train: train.map((t) => t + first), validation: validation.map((t) => t + first) };
  });
  const all = (part: keyof Halves) => Int32Array.from(each.flatMap((split) => [...split[part]]));
  return { train: all("train"), validation: all("validation") };
}
