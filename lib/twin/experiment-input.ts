import type { PreparedSession } from "../data";
import { lagsOf } from "../data/session-lags";
import type { SessionConfig } from "../data/session-schema";
import type { ModelInput } from "../model";
import type { SessionStages } from "../model/planned";

/** Returns the part of a model's input that follows from the sessions' configurations, apart from its sizes. */
export function inputOf(
  configs: readonly SessionConfig[],
): Pick<ModelInput, "behaviorLags" | "sessionStages"> {
  const lags = lagsOf(configs[0]!, "behavior").length;
  const sessionStages = configs.map(({ adapter, readout }): SessionStages => {
    return { ...(adapter ? { adapter } : {}), ...(readout ? { readout } : {}) };
  });
  return {
    ...(lags > 1 ? { behaviorLags: lags } : {}),
    ...(sessionStages.some((stages) => Object.keys(stages).length > 0) ? { sessionStages } : {}),
  };
}

/** Returns facts about the units from the sessions' files; nothing when one session lacks them. */
export function unitFacts(
  sessions: readonly Pick<PreparedSession, "coordinates" | "groups">[],
): Pick<ModelInput, "unitCoordinates" | "unitGroups"> {
  const coordinates = sessions.flatMap((session) => (session.coordinates ? [session.coordinates] : []));
  const groups = sessions.flatMap((session) => (session.groups ? [session.groups] : []));
  return {
    ...(coordinates.length === sessions.length ? { unitCoordinates: coordinates } : {}),
    ...(groups.length === sessions.length ? { unitGroups: groups } : {}),
  };
}
