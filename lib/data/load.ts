import { existsSync } from "node:fs";
import { chosenColumns } from "./covariate";
import { readDatasetConfig } from "./dataset-config";
import { type PreparedSession, prepareSession } from "./prepare";
import { readSession } from "./session-file";
import type { UnitTruth } from "./simulate/unit";
import { readTruthFile, truthFile } from "./truth";

/**
 * Reads and prepares the sessions of a configuration.
 *
 * @param maxDatasets at most so many sessions, the first ones. Default: all.
 * @throws ConfigError that names the file and the key or covariate
 */
export async function loadSessions(
  configFile: string,
  { maxDatasets = Number.POSITIVE_INFINITY }: { maxDatasets?: number } = {},
): Promise<PreparedSession[]> {
  const sessions: PreparedSession[] = [];
  for (const config of readDatasetConfig(configFile).slice(0, maxDatasets)) {
    sessions.push(prepareSession(await readSession(config.file, config.types), config));
  }
  return sessions;
}

/** Rows for a table of sessions. `valid` is the share of frames that count. */
export function sessionSummary(sessions: readonly PreparedSession[]) {
  return sessions.map(({ name, cids, frames, trialInds, train, validation, stim }) => ({
    session: name,
    units: cids.length,
    frames,
    trials: new Set(trialInds).size,
    valid: (train.length + validation.length) / frames,
    train: train.length,
    validation: validation.length,
    "movie (MB)": stim.byteLength / 1e6,
  }));
}

/** The true units of a simulated session, in the order of its `cids`. @throws ConfigError when there is no truth */
export async function readTruth(session: PreparedSession): Promise<UnitTruth[]> {
  const { units } = await readTruthFile(truthFile(session.file));
  return session.cids.map((cid) => units.find((unit) => unit.cid === cid)!);
}

/**
 * The true rates of a simulated session: expected spikes per bin `[frames, units]`, aligned with the prepared session.
 *
 * @returns undefined when the session has no truth beside it
 */
export async function trueRates(session: PreparedSession): Promise<Float32Array | undefined> {
  const path = truthFile(session.file);
  if (!existsSync(path)) return undefined;
  const { units, rates } = await readTruthFile(path);
  const { parts, cids, downsampling } = session;
  const all = new Float32Array(session.frames * cids.length);
  for (const { type, first, frames } of parts) {
    const columns = cids.map((cid) => units.findIndex((unit) => unit.cid === cid));
    const known = rates[type]!.subarray(0, frames * downsampling * units.length);
    const chosen = chosenColumns(known, units.length, columns);
    // Expected counts of joined frames add up, as counts do.
    for (let at = 0; at < chosen.length; at++) {
      const [t, u] = [Math.floor(at / cids.length), at % cids.length];
      all[(first + Math.floor(t / downsampling)) * cids.length + u]! += chosen[at]!;
    }
  }
  return all;
}
