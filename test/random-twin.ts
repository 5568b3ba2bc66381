import { join } from "node:path";
import { buildModel, readModelConfig } from "../lib/model";
import { Twin } from "../lib/twin";

/** The size of what the twin sees. */
export const INPUT = { lags: 16, height: 25, width: 25, units: [5, 4] };

/** A twin with random weights of a model of `configs/models`. */
export function randomTwin(name: string, sessions: readonly [string, string] = ["first", "second"]): Twin {
  const config = readModelConfig(join("configs", "models", name));
  const behaviors = config.modulator.type === "none" ? 0 : 10;
  const model = buildModel(config, { ...INPUT, behaviors }, 1);
  const view = {
    height: INPUT.height,
    width: INPUT.width,
    channels: 1,
    samplingRate: 120,
    pixelsPerDegree: 12,
    lags: Array.from({ length: INPUT.lags }, (_, i) => INPUT.lags - 1 - i),
  };
  const named = sessions.map((session, i) => ({
    name: session,
    cids: Array.from({ length: INPUT.units[i]! }, (_, unit) => 10 + unit),
  }));
  return new Twin(name, model, named, view);
}
