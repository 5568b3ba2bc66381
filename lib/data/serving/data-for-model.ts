import { ConfigError } from "../../base/config";
import type { Model } from "../../model";
import type { PreparedSession } from "../prepare-recording";
import { lagsOf, longestLag } from "../session-lags";
import type { SessionConfig } from "../session-schema";
import type { MovieLimits } from "./device-budget";
import { ResidentData } from "./resident";

/** Loads the parts of sessions that a model reads onto the device. */
export function dataForModel(
  model: Model,
  sessions: readonly PreparedSession[],
  limits: MovieLimits = {},
): ResidentData {
  const { seesStimulus: stim, readsEyepos: eyepos, historyLags } = model.plan;
  const configs = sessions.map(({ config }) => config);
  if (eyepos) requireOneEyePosition(configs);
  const lags = historyLagsOf(configs, historyLags);
  const behaviorLags = lagsOf(configs[0]!, "behavior");
  return new ResidentData(sessions, { stim, eyepos, historyLags: lags, behaviorLags, limits });
}

/** A shifter reads one eye position of each sample. @throws ConfigError for several lags */
function requireOneEyePosition(configs: readonly SessionConfig[]): void {
  for (const config of configs) {
    const { length } = lagsOf(config, "eyepos");
    if (length === 1) continue;
    const message = `has ${length} lags, but the model's shifter reads one eye position; give one lag`;
    throw new ConfigError(config.file, [{ path: "keys_lags.eyepos", message }]);
  }
}

/**
 * Returns the lags of a model's spike history, oldest first: the sessions' `keys_lags.history`, or 1, 2, ... bins.
 *
 * @param count the number of lags that the model reads
 * @throws ConfigError when the sessions' configuration gives another number of lags
 */
export function historyLagsOf(configs: readonly SessionConfig[], count: number): number[] {
  const nearest = Array.from({ length: count }, (_, i) => i + 1);
  if (count === 0) return nearest;
  const each = configs.map((config) => {
    const own = lagsOf(config, "history");
    return own.length > 0 ? own : [...nearest].reverse();
  });
  configs.forEach((config, i) => {
    const [own, longest] = [each[i]!, longestLag({ config })];
    const problem =
      own.length !== count
        ? `has ${own.length} lags, but history_encoder.params.num_lags of the model is ${count}; give both the same`
        : String(own) !== String(each[0])
          ? `is [${own}], but the first session has [${each[0]}]; sessions of one model need the same`
          : own[0]! > longest
            ? `is not given, and the model reads ${own[0]} bins back, farther than the stimulus (${longest}); give [${nearest}]`
            : undefined;
    if (problem) throw new ConfigError(config.file, [{ path: "keys_lags.history", message: problem }]);
  });
  return each[0]!;
}
