import { ConfigError } from "../config";
import { loadSessions, type PreparedSession } from "../data";
import { buildModel, initReadoutBias, type ModelInput, readModelConfig } from "../model";
import { TwinModule } from "./twin-module";

export interface ExperimentFiles {
  /** The model's YAML file. */
  model: string;
  /** The sessions' YAML file. */
  sessions: string;
  /** At most so many sessions. Default: all. */
  maxDatasets?: number;
  /** Of the first weights. Default 0. */
  seed?: number;
}

/**
 * Reads both configurations and the recordings, builds the model, and starts every unit at its mean rate.
 *
 * @throws ConfigError that names the file and the key, before any tensor exists
 */
export async function loadExperiment({
  model,
  sessions,
  maxDatasets,
  seed = 0,
}: ExperimentFiles): Promise<TwinModule> {
  const config = readModelConfig(model);
  const prepared = await loadSessions(sessions, maxDatasets === undefined ? {} : { maxDatasets });
  const first = prepared[0]!;
  for (const session of prepared) {
    const [is, must] = [describe(session), describe(first)];
    if (is !== must) {
      const message = `has ${is}, but ${first.name} has ${must}; sessions of one model need the same`;
      throw new ConfigError(session.file, [{ path: "", message }]);
    }
  }
  const { height, width, lags } = first;
  const units = prepared.map(({ cids }) => cids.length);
  const input = {
    lags: lags.length,
    height,
    width,
    units,
    behaviors: behaviorsOf(first),
    ...unitFacts(prepared),
  };
  const built = buildModel(config, input, seed, model);
  initReadoutBias(built, prepared.flatMap(meanRates));
  return new TwinModule(built, prepared, {
    model: config,
    input,
    sessions: prepared.map((session) => session.config),
  });
}

/** What every session's file says of its units; nothing when one does not. */
function unitFacts(sessions: readonly PreparedSession[]): Pick<ModelInput, "unitCoordinates" | "unitGroups"> {
  const coordinates = sessions.flatMap((session) => (session.coordinates ? [session.coordinates] : []));
  const groups = sessions.flatMap((session) => (session.groups ? [session.groups] : []));
  return {
    ...(coordinates.length === sessions.length ? { unitCoordinates: coordinates } : {}),
    ...(groups.length === sessions.length ? { unitGroups: groups } : {}),
  };
}

/** Variables of behaviour. */
const behaviorsOf = ({ behavior, frames }: PreparedSession) => (behavior?.length ?? 0) / frames;

function describe(session: PreparedSession): string {
  const { height, width, lags } = session;
  const behaviors = behaviorsOf(session);
  const behaves = behaviors > 0 ? ` and ${behaviors} variables of behavior` : "";
  return `frames of ${height}×${width} and lags ${lags.join(",")}${behaves}`;
}

/** Spikes per valid bin of each unit, over the training frames. */
function meanRates({ robs, dfs, dfsColumns, cids, train }: PreparedSession): number[] {
  return cids.map((_, unit) => {
    let [spikes, bins] = [0, 0];
    for (const t of train) {
      const valid = dfs[t * dfsColumns + (dfsColumns === 1 ? 0 : unit)]!;
      spikes += valid * robs[t * cids.length + unit]!;
      bins += valid;
    }
    // A filter may leave nothing of a unit.
    return bins > 0 ? spikes / bins : 0;
  });
}
