import { ConfigError } from "../base/config";
import { namedEntries } from "./ops";
import { covariatesOf } from "./prepare-recording";
import { lagsOf } from "./session-lags";
import type { SessionConfig } from "./session-schema";
import { runPipelines } from "./transforms";

/** The number of frames of a stand-in for a recording. */
const FRAMES = 1000;

/**
 * Returns the number of behaviour variables that a session will serve, over all of its lags, without its recording: the transforms are
 * applied to blank covariates.
 *
 * @param where the file of the configuration, for errors
 * @returns undefined when the number depends on covariates of the recording
 * @throws ConfigError for transforms that do not support their covariates
 */
export function behaviorWidth(config: SessionConfig, where: string): number | undefined {
  const { stim: _, ...pipelines } = config.transforms;
  // The recording may have more units, so only a selection of them has a known width.
  const units = Math.max(...config.cids) + 1;
  const covariates = covariatesOf({
    frames: FRAMES,
    robs: new Float32Array(FRAMES * units),
    eyepos: new Float32Array(FRAMES * 2),
    tBins: new Float64Array(FRAMES),
    trialInds: new Int32Array(FRAMES),
    dpiValid: new Float32Array(FRAMES),
    others: {},
  });
  const known = new Set(Object.keys(covariates));
  for (const { entry, source, exposeAs } of namedEntries(pipelines)) {
    const selects = entry.ops.some((op) => "select_units" in op);
    if (!known.has(source) || (source === "robs" && exposeAs === "behavior" && !selects)) return undefined;
    known.add(exposeAs);
  }
  const { behavior } = runPipelines(covariates, pipelines, { where, columns: config.cids });
  if (!behavior) return 0;
  const [, variables, ...others] = behavior.shape;
  if (variables !== undefined && others.length === 0) return variables * lagsOf(config, "behavior").length;
  const shape = ["frames", ...behavior.shape.slice(1)].join(", ");
  const message = `give a behavior of shape [${shape}], but [frames, variables] is served`;
  throw new ConfigError(where, [{ path: "transforms", message }]);
}
