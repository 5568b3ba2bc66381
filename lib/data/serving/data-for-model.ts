import { ConfigError } from "../../base/config";
import type { Model } from "../../model";
import { oldestFirst } from "../../model/history";
import { longestLag, type PreparedSession } from "..";
import { ResidentData } from "./resident";

/** Loads the parts of sessions that a model reads onto the device. */
export function dataForModel(
  model: Model,
  sessions: readonly PreparedSession[],
  deviceBudget?: number,
): ResidentData {
  const { seesStimulus: stim, readsEyepos: eyepos, historyLags } = model.plan;
  const lags = historyLagsOf(sessions, historyLags);
  return new ResidentData(sessions, { stim, eyepos, historyLags: lags, deviceBudget });
}

/**
 * Returns the lags of a model's spike history: the sessions' `keys_lags.history`, or 1, 2, ... bins.
 *
 * @throws ConfigError when the sessions' configuration gives another number of lags than the model reads
 */
function historyLagsOf(sessions: readonly PreparedSession[], count: number): number[] {
  const nearest = Array.from({ length: count }, (_, i) => i + 1);
  if (count === 0) return nearest;
  const each = sessions.map(({ config }) => oldestFirst(config.keys_lags.history ?? nearest));
  sessions.forEach((session, i) => {
    const [own, longest] = [each[i]!, longestLag(session)];
    const problem =
      own.length !== count
        ? `has ${own.length} lags, but history_encoder.params.num_lags of the model is ${count}; give both the same`
        : String(own) !== String(each[0])
          ? `is [${own}], but the first session has [${each[0]}]; sessions of one model need the same`
          : own[0]! > longest
            ? `is not given, and the model reads ${own[0]} bins back, farther than the stimulus (${longest}); give [${nearest}]`
            : undefined;
    if (problem) throw new ConfigError(session.file, [{ path: "keys_lags.history", message: problem }]);
  });
  return each[0]!;
}
