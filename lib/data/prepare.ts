import { ConfigError } from "../base/config";
import { frameLength } from "../base/dsp/movie";
import { checkOthers } from "./check-recording";
import { filterOps } from "./config-problems";
import { downsample, downsamplingFactor, isNearly, RATE_TOLERANCE } from "./downsample";
import { joinMovies, joinRecordings } from "./join-recordings";
import { withFrames } from "./movie-file";
import { joined as joinedArrays, namedEntries, onlyOp } from "./ops";
import { type PreparedSession, prepareRecording } from "./prepare-recording";
import { RESPONSES } from "./responses";
import type { Recording, Session } from "./session";
import { lagsOf } from "./session-lags";
import type { SessionConfig } from "./session-schema";
import { splitSession } from "./split";
import { framesInMemory, presentationsOf, repeatedStimuli } from "./stimuli";

/**
 * Prepares a session. Each stimulus type is downsampled, filtered, transformed and cut to the chosen units; then the types are
 * joined, and their trials split.
 *
 * @param movie the prepared movie of all types, if it is not in the session; its `stim` may be a getter
 * @throws ConfigError when a chosen unit is not in the file, the types' frames differ in size, a transform fails, or no valid frame is left
 */
export function prepareSession(
  session: Session,
  config: SessionConfig,
  movie?: Pick<PreparedSession, "stim" | "stimDtype" | "channels" | "inFile">,
): PreparedSession {
  const { file, cids } = config;
  requireUnits(session, config);
  const { samplingRate, downsampling } = samplingOf(session, config);
  const columnOf = new Map(session.cids.map((cid, column) => [cid, column]));
  const columns = cids.map((cid) => columnOf.get(cid)!);
  for (const type of config.types) checkOthers(file, type, session.recordings[type]!, othersRead(config));
  const responses = session.responses ?? "counts";
  const how = { averagesTrials: config.split === "torch", averagesResponses: !RESPONSES[responses].isSummed };
  const sources = config.types.map((type) => downsample(session.recordings[type]!, downsampling, how));
  const recordings = sources.map((source, i) => prepareRecording(config.types[i]!, source, config, columns));
  const joined = joinRecordings(recordings, config.types, file);
  const served = movie ?? joinMovies(recordings);
  const pixels = frameLength({ ...joined, channels: movie?.channels ?? joined.channels });
  const { train, validation, heldOut } = splitSession(
    {
      joined,
      recordings,
      tiers: tiersOf(sources, config),
      repeats: () => {
        const presentations = presentationsOf(joined.trialInds);
        if (movie?.inFile)
          return withFrames(movie.inFile, (frames) => repeatedStimuli(presentations, frames));
        return repeatedStimuli(presentations, framesInMemory({ stim: served.stim, pixels }));
      },
    },
    config,
  );
  warnOfSilent(file, cids, { ...joined, train, responses });
  const ofChosen = <T>(facts: readonly T[]) => columns.map((column) => facts[column]!);
  const prepared = {
    name: config.session,
    subject: config.session.split("_")[0]!,
    file,
    cids,
    ...(session.coordinates ? { coordinates: ofChosen(session.coordinates) } : {}),
    ...(session.groups ? { groups: ofChosen(session.groups) } : {}),
    samplingRate,
    responses,
    pixelsPerDegree: session.pixelsPerDegree,
    ...joined,
    lags: lagsOf(config, "stim"),
    train,
    validation,
    heldOut,
    downsampling,
    config,
  };
  // Copies the property, not its value: the movie of a file is read when it is used.
  return Object.defineProperties(prepared, Object.getOwnPropertyDescriptors(served)) as PreparedSession;
}

const problem = (file: string, path: string, message: string) => new ConfigError(file, [{ path, message }]);

function requireUnits(session: Session, { file, cids }: SessionConfig): void {
  const known = new Set(session.cids);
  const unknown = cids.filter((cid) => !known.has(cid));
  if (unknown.length === 0) return;
  const message = `the file has no unit ${unknown.join(", ")}; it has ${session.cids.join(", ")}`;
  throw problem(file, "cids", message);
}

/** Returns the frames per second after preparation, and the number of file frames per frame. */
function samplingOf({ samplingRate }: Session, { file, sampling }: SessionConfig) {
  const { source_rate, target_rate } = sampling ?? { source_rate: samplingRate, target_rate: samplingRate };
  if (!isNearly(source_rate, samplingRate)) {
    const message = `is ${source_rate}, but the file says ${samplingRate} frames per second; they may differ by ${100 * RATE_TOLERANCE} %`;
    throw problem(file, "sampling.source_rate", message);
  }
  return { samplingRate: target_rate, downsampling: downsamplingFactor({ source_rate, target_rate }, file) };
}

/** Returns the covariate `tiers` of all recordings. @throws ConfigError when only some of them have it */
function tiersOf(sources: readonly Pick<Recording, "others">[], { types, file }: SessionConfig) {
  const each = sources.map(({ others }) => others.tiers?.values);
  const without = types.filter((_, i) => !each[i]);
  if (without.length === types.length) return undefined;
  if (without.length > 0) {
    const message = `have no covariate tiers (${without.join(", ")}), but others have; add it, or load one stimulus type`;
    throw problem(file, "types", message);
  }
  return joinedArrays(
    Float32Array,
    each.map((values) => values!),
  );
}

/** Warns of units without spikes, or whose response is constant. They are kept, because the others can be trained, but have no score. */
function warnOfSilent(
  file: string,
  cids: readonly number[],
  {
    robs,
    dfs,
    dfsColumns,
    train,
    responses,
  }: Pick<PreparedSession, "robs" | "dfs" | "dfsColumns" | "train" | "responses">,
): void {
  const isCount = responses === "counts";
  const counts = (t: number, unit: number) => dfs[t * dfsColumns + (dfsColumns === 1 ? 0 : unit)]! > 0;
  const isSilent = (unit: number) => {
    const first = isCount ? 0 : robs[(train.find((t) => counts(t, unit)) ?? 0) * cids.length + unit]!;
    return !train.some((t) => counts(t, unit) && robs[t * cids.length + unit]! !== first);
  };
  const silent = cids.filter((_, unit) => isSilent(unit));
  if (silent.length === 0) return;
  const which = `${silent.slice(0, 10).join(", ")}${silent.length > 10 ? ", ..." : ""}`;
  console.warn(
    `${file}: robs: ${silent.length} of ${cids.length} units ${isCount ? "have no spike" : "have a constant response"} on the training frames: ${which}. They are kept; remove them from \`cids\` to exclude them.`,
  );
}

/** Returns the covariates that transforms and filters read; a filter has the name of its covariate. */
function othersRead(config: SessionConfig): string[] {
  const filters = filterOps(config).ops.map((op) => onlyOp(op)[0]);
  return [...namedEntries(config.transforms).map(({ source }) => source), ...filters];
}
