import { existsSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { ConfigError } from "../base/config";
import { isFolder } from "../base/files/folder";
import { type NumpyArray, readNpy, readNpyText } from "../base/numpy/npy";
import { unitIds } from "./check-recording";
import { standardize } from "./gaze";
import type { MovieSource } from "./movie-source";
import { chosenTypes, type MovieReader, type RecordingSource, readRecording } from "./read-recording";
import type { ResponseKind } from "./responses";
import type { Session } from "./session";
import { arrayInMemory, asFloat32, rowsOf, type SourceArray } from "./source-array";
import { TIERS, tierNumber } from "./tiers";
import { type StimulusFolder, TrialFolder } from "./trial-folder";

/** The frames per second: those of the videos of Sensorium 2023; an image is one frame, so its rate has no meaning. */
export const RATES: Readonly<Record<StimulusFolder, number>> = { images: 1, videos: 30 };

/** Whether a path is a recording in the file tree of the Sensorium competitions: a folder with `data/images` or `data/videos`. */
export const isSensorium = (path: string): boolean =>
  TrialFolder.stimuli(path).length > 0 && isFolder(join(path, "data", "responses"));

/** Returns the stimulus types of a recording: `images` or `videos`. */
export const sensoriumTypes = (path: string): string[] => TrialFolder.stimuli(path);

/** Returns the movies of some stimulus types. @throws ConfigError as `readSensorium` */
export const sensoriumMovies = (path: string, types?: readonly string[]): MovieSource[] =>
  chosenTypes(path, sensoriumTypes(path), types).map((type) =>
    new TrialFolder(path, type as StimulusFolder).movie(),
  );

/**
 * Reads a recording of the Sensorium competitions 2022 (images) and 2023 (videos), trial by trial, without a copy on the disk. Trial numbers
 * are those of the files. The responses are `robs`; `behavior` and other folders of `data`, and numeric arrays of `meta/trials`, are
 * covariates of these names; `meta/trials/tiers.npy` is the covariate `tiers`. `eyepos` is `pupil_center` in standard deviations from its
 * mean. Units have the ids of `meta/neurons/unit_ids.npy` and the coordinates of `cell_motor_coordinates.npy`.
 *
 * @param responses the kind of the responses. Default `calcium`: the competitions' are deconvolved
 * @throws ConfigError that names the file
 */
export function readSensorium(
  path: string,
  types: readonly string[] | undefined,
  movie: MovieReader,
  responses: ResponseKind = "calcium",
): Session {
  const chosen = chosenTypes(path, sensoriumTypes(path), types) as readonly StimulusFolder[];
  const sources = chosen.map((type) => sourceOf(new TrialFolder(path, type)));
  const units = sources[0]!.get("robs")!.shape[1]!;
  const recordings = chosen.map(
    (type, i) => [type, readRecording(path, type, sources[i]!, units, responses, movie)] as const,
  );
  return {
    name: basename(path),
    samplingRate: RATES[chosen[0]!],
    pixelsPerDegree: 1,
    responses,
    ...neuronsOf(path, units),
    recordings: Object.fromEntries(recordings),
  };
}

/**
 * Returns the arrays of `meta/trials` by name: numbers, or text.
 *
 * @throws ConfigError when an array has not one value for each trial
 */
export function trialFacts(path: string, trials: number): Map<string, NumpyArray | readonly string[]> {
  const folder = join(path, "meta", "trials");
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".npy")) : [];
  return new Map(
    names.sort().map((name) => {
      const file = join(folder, name);
      const found = numbersOrText(file);
      const count = Array.isArray(found) ? found.length : (found as NumpyArray).shape[0];
      if (count === trials) return [basename(name, ".npy"), found];
      const message = `has ${count} values, but data has ${trials} trials: one value for each`;
      throw new ConfigError(file, [{ path: "", message }]);
    }),
  );
}

/** Reads an array of numbers, or else of text. */
function numbersOrText(file: string): NumpyArray | readonly string[] {
  try {
    return readNpy(file);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return readNpyText(file);
  }
}

function sourceOf(folder: TrialFolder): RecordingSource {
  const { path, trials, frames, stimulus } = folder;
  const facts = trialFacts(path, trials);
  const tiers = tiersOf(facts.get("tiers"), join(path, "meta", "trials", "tiers.npy"));
  const gaze = gazeOf(folder);
  const inFolders = folder.names.filter((name) => name !== "responses");
  const rate = RATES[stimulus];
  const made: Record<string, () => SourceArray> = {
    robs: () => responsesOf(folder, tiers),
    eyepos: () => arrayInMemory([frames, 2], gaze.eyepos, false),
    dpi_valid: () => arrayInMemory([frames], gaze.valid, false),
    trial_inds: () => folder.perTrial((trial) => trial, true),
    t_bins: () =>
      arrayInMemory(
        [frames],
        Float64Array.from({ length: frames }, (_, t) => (t + 0.5) / rate),
        false,
      ),
    ...(tiers ? { tiers: () => folder.perTrial((trial) => tiers[trial]!, true) } : {}),
    ...Object.fromEntries(inFolders.map((name) => [name, () => folder.covariate(name)])),
  };
  for (const [name, fact] of facts) {
    if (name in made || Array.isArray(fact)) continue;
    const { shape, values, whole } = fact as NumpyArray;
    if (shape.length === 1) made[name] = () => folder.perTrial((trial) => values[trial]!, whole);
  }
  return { names: Object.keys(made), get: (name) => made[name]?.(), movie: folder.movie() };
}

function tiersOf(tiers: NumpyArray | readonly string[] | undefined, file: string): number[] | undefined {
  if (!tiers) return undefined;
  if (Array.isArray(tiers)) return tiers.map((tier: string) => tierNumber(tier, file, ""));
  throw new ConfigError(file, [
    { path: "", message: `must hold the names of tiers: ${TIERS.join(", ")}, none` },
  ]);
}

/** Returns the responses. The competitions withhold those of some tiers: a file is missing, or has NaN. These responses become 0. */
function responsesOf(folder: TrialFolder, tiers: readonly number[] | undefined): SourceArray {
  const isWithheld = (trial: number) => (tiers?.[trial] ?? 0) > TIERS.indexOf("validation");
  const found = folder.covariate("responses", (trial, values) => {
    if (isWithheld(trial)) return new Float32Array(values);
    const file = join(folder.path, "data", "responses", `${trial}.npy`);
    throw new ConfigError(file, [{ path: "", message: "no such file; copy the recording again" }]);
  });
  const slices = function* () {
    let trial = 0;
    for (const slice of found.slices()) {
      yield isWithheld(trial++)
        ? Float32Array.from(slice, (value) => (Number.isNaN(value) ? 0 : value))
        : slice;
    }
  };
  return { ...found, slices };
}

/** Returns the pupil's centre in standard deviations from its mean, and 1 where it is known. */
function gazeOf(folder: TrialFolder): { eyepos: Float32Array; valid: Float32Array } {
  const { frames } = folder;
  const valid = new Float32Array(frames).fill(1);
  if (!folder.names.includes("pupil_center")) return { eyepos: new Float32Array(2 * frames), valid };
  const file = join(folder.path, "data", "pupil_center");
  const source = folder.covariate("pupil_center");
  if (source.shape[1] !== 2)
    throw new ConfigError(file, [
      { path: "", message: `has ${source.shape[1]} values for each frame, but a centre has 2: x and y` },
    ]);
  const eyepos = asFloat32(source, { file, key: "" });
  standardize(eyepos);
  for (let t = 0; t < frames; t++) valid[t] = Number(Number.isFinite(eyepos[2 * t]! + eyepos[2 * t + 1]!));
  return { eyepos, valid };
}

/** Reads the ids and coordinates of the units. Without ids they are numbered from 0. */
function neuronsOf(path: string, units: number): Pick<Session, "cids" | "coordinates"> {
  const read = (name: string) => {
    const file = join(path, "meta", "neurons", `${name}.npy`);
    if (!existsSync(file)) return undefined;
    const found = readNpy(file);
    if (found.shape[0] === units) return found;
    const message = `has ${found.shape[0]} rows, but the responses have ${units} units: one row for each`;
    throw new ConfigError(file, [{ path: "", message }]);
  };
  const [ids, places] = [read("unit_ids"), read("cell_motor_coordinates")];
  const cids = unitIds(path, ids?.values ?? Array.from({ length: units }, (_, unit) => unit));
  return { cids, ...(places ? { coordinates: rowsOf(places.values, units) } : {}) };
}
