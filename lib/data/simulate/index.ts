import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { dump } from "js-yaml";
import { z } from "zod";
import { ConfigError, check } from "../../base/config";
import { makeFolder } from "../../base/files/folder";
import { type ResponseValues, truthFile, writeTruth } from "../session";
import { writeSession } from "../write-session";
import { bestBitsPerSpike, simulateSession } from "./session";

const optionsSchema = z.strictObject({
  /** The folder for the sessions. */
  outDir: z.string().min(1),
  seed: z.int().nonnegative().default(1),
  /** The number of sessions. */
  sessions: z.int().positive().default(3),
  /** The number of frames of each session: four sevenths `backimage`, the others `gaborium`; rounded up to whole trials. */
  frames: z.int().min(1000).default(25_200),
  /** The side of a frame in pixels. */
  size: z.int().min(11).max(101).default(17),
  /**
   * The number of channels of the stimulus, such as 3 for RGB. Each channel shows pictures of its own under the same gaze, and the units
   * see one channel each, in turn.
   */
  channels: z.int().positive().max(16).default(1),
  /** The number of units of each session. Default: 24, 30, 20, repeated. */
  units: z.int().positive().optional(),
  samplingRate: z.number().positive().default(120),
  /**
   * The number of presentations of each of four three-second pictures with the same gaze, as a separate stimulus type `repeats`, for
   * scores that need repeated stimuli. Default 0: none.
   */
  repeats: z.int().nonnegative().default(0),
  /** Whether to replace sessions of the same names. Otherwise they are an error. */
  force: z.boolean().default(false),
});

/** The options of `simulateSessions`; only `outDir` is required. */
export type SimulateOptions = z.input<typeof optionsSchema>;

/** A summary of a simulated session. */
export interface SimulatedSession {
  session: string;
  units: number;
  frames: number;
  trials: number;
  /** The spikes per second, averaged over units. */
  rate: number;
  /** The bits per spike of the true rates on all frames, averaged over units. */
  best: number;
}

const SUBJECTS = ["luke", "allen", "milo", "yates", "bruno", "jude"];
const UNITS = [24, 30, 20];
/** Three seconds at 120 frames per second. */
const TRIAL_SECONDS = 3;

/**
 * Simulates recording sessions with known ground truth (`docs/simulation.md`): for each a session file, its truth and its
 * YAML configuration. Deterministic by seed.
 *
 * @param onSession called after each session
 * @throws ConfigError for impossible options, or when sessions of the same names exist and `force` is not set; nothing
 *   is written then
 */
export async function simulateSessions(
  options: SimulateOptions,
  onSession: (done: SimulatedSession, path: string) => void = () => {},
): Promise<SimulatedSession[]> {
  const { outDir, seed, sessions, frames, size, channels, units, samplingRate, repeats, force } = check(
    optionsSchema,
    options,
    "simulate",
  );
  const trialFrames = Math.round(TRIAL_SECONDS * samplingRate);
  const names = Array.from({ length: sessions }, (_, i) => nameOf(i));
  const existing = names.map((name) => join(outDir, `${name}.h5`)).filter((path) => existsSync(path));
  if (existing.length > 0 && !force) {
    const message = `exists already (${existing.length} of ${sessions} sessions); give another folder, or --force to replace it`;
    throw new ConfigError(existing[0]!, [{ path: "", message }]);
  }
  makeFolder(outDir);
  const summaries: SimulatedSession[] = [];
  for (const [i, name] of names.entries()) {
    const { session, truth } = simulateSession({
      name,
      units: units ?? UNITS[i % UNITS.length]!,
      frames: { backimage: (frames * 4) / 7, gaborium: (frames * 3) / 7 },
      trialFrames,
      size,
      channels,
      samplingRate,
      pixelsPerDegree: 12,
      seed,
      repeats,
    });
    const path = join(outDir, `${name}.h5`);
    rmSync(path, { force: true });
    await writeTruth(truthFile(path), truth);
    writeFileSync(
      join(outDir, `${name}.yaml`),
      dump({ session: name, cids: session.cids }, { flowLevel: 1 }),
    );
    // The session file is written last: if it exists, the other files exist too.
    await writeSession(path, session);
    summaries.push(summarise(session.recordings, truth, name, samplingRate));
    onSession(summaries.at(-1)!, path);
  }
  return summaries;
}

function nameOf(i: number): string {
  const subject = SUBJECTS[i % SUBJECTS.length]!;
  return `${subject}_2031-03-${String(Math.floor(i / SUBJECTS.length) + 1).padStart(2, "0")}`;
}

const sumOf = (values: ResponseValues) => {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
};

function summarise(
  recordings: Record<string, { frames: number; robs: ResponseValues; trialInds: Int32Array }>,
  truth: { rates: Record<string, Float32Array>; units: unknown[] },
  session: string,
  samplingRate: number,
): SimulatedSession {
  const all = Object.entries(recordings);
  const units = truth.units.length;
  const frames = all.reduce((sum, [, r]) => sum + r.frames, 0);
  const spikes = all.reduce((sum, [, { robs }]) => sum + sumOf(robs), 0);
  const trials = all.reduce((sum, [, { trialInds }]) => sum + new Set(trialInds).size, 0);
  const best = bestBitsPerSpike(
    all.map(([type, { robs }]) => ({ robs, rates: truth.rates[type]! })),
    units,
  );
  return { session, units, frames, trials, rate: (spikes / frames / units) * samplingRate, best };
}
