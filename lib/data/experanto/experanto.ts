import { basename, join } from "node:path";
import { standardize } from "../gaze";
import type { MovieSource } from "../movie-source";
import { rateOf } from "../ops";
import { chosenTypes, type MovieReader, type RecordingSource, readRecording } from "../read-recording";
import type { ResponseKind } from "../responses";
import type { Session } from "../session";
import { arrayInMemory, type SourceArray } from "../source-array";
import { NO_TIER } from "../tiers";
import { interpolatedSequence, intervalsAt } from "./covariates";
import { framesOf, type ScreenFrames } from "./frames";
import { type Modalities, openModalities } from "./modality";
import { movieOf } from "./movie";
import { responsesIn } from "./responses";
import { readTimes } from "./samples";
import { type ScreenTrial, trialsOf } from "./screen";
import { tiersOfIntervals, tiersOfTrials } from "./tiers";
import { unitsOf } from "./units";

/** The only stimulus type of a recording of experanto. */
const TYPE = "screen";
/** The modality whose two signals are gaze. */
const EYE = "eye_tracker";

/** Returns the stimulus types of a recording: `screen`. */
export const experantoTypes = (): string[] => [TYPE];

/** Returns the movies of some stimulus types. @throws ConfigError as `readExperanto` */
export function experantoMovies(path: string, types?: readonly string[]): MovieSource[] {
  chosenTypes(path, [TYPE], types);
  const { trials, frames } = openScreen(path, openModalities(path));
  return [movieOf(path, trials, frames.shown)];
}

const kindOf = ({ responses }: Modalities): ResponseKind =>
  responses.kind === "spikes" ? "counts" : "calcium";

/** Returns the kind of the responses: `counts` for spikes, else `calcium`. @throws ConfigError when there are none */
export const experantoResponses = (path: string): ResponseKind => kindOf(openModalities(path));

/** A session, and facts about its recording. */
export interface ExperantoSession {
  readonly session: Session;
  readonly modalities: Modalities;
  /** The number of frames without responses. */
  readonly lost: number;
}

/**
 * Reads a recording of experanto (https://github.com/sensorium-competition/experanto) where it is. The frames are those of the screen; each
 * image, video and gray screen is a trial. Responses and other modalities are interpolated to the frames. Frames in which a unit has no
 * response belong to no tier.
 *
 * @param kind the kind of the responses. Default `counts` for spikes, else `calcium`
 * @param rate frames per second. Default: the frames of the screen
 * @throws ConfigError that names the file
 */
export function readExperanto(
  path: string,
  movie: MovieReader,
  kind?: ResponseKind,
  rate?: number,
): ExperantoSession {
  const modalities = openModalities(path);
  const screen = openScreen(path, modalities, rate);
  const { units, robs } = responsesIn(modalities.responses, screen.frames);
  const responses = kind ?? kindOf(modalities);
  const lost = fillLost(robs, units);
  const source = sourceOf(path, modalities, screen, { units, robs, lost });
  const recording = readRecording(path, TYPE, source, units, responses, movie);
  const session = {
    name: basename(path),
    samplingRate: rateOf(screen.frames.period),
    pixelsPerDegree: 1,
    responses,
    ...unitsOf(modalities.responses, units),
    recordings: { [TYPE]: recording },
  };
  return { session, modalities, lost: lost.size };
}

interface Screen {
  readonly trials: readonly ScreenTrial[];
  readonly frames: ScreenFrames;
}

function openScreen(path: string, { screen }: Modalities, rate?: number): Screen {
  const trials = trialsOf(screen);
  const file = join(path, TYPE, "timestamps.npy");
  return { trials, frames: framesOf(trials, readTimes(file), { file, rate }) };
}

/** Replaces the responses of frames in which a unit has none, NaN, by 0. @returns these frames */
function fillLost(robs: Float32Array, units: number): ReadonlySet<number> {
  const lost = new Set<number>();
  for (let at = 0; at < robs.length; at++) if (Number.isNaN(robs[at]!)) lost.add(Math.floor(at / units));
  for (const frame of lost) robs.fill(0, frame * units, (frame + 1) * units);
  return lost;
}

interface Responses {
  readonly units: number;
  readonly robs: Float32Array;
  readonly lost: ReadonlySet<number>;
}

function sourceOf(
  path: string,
  { sequences, intervals }: Modalities,
  { trials, frames: { starts, stops, shown, trials: trialOf } }: Screen,
  { units, robs, lost }: Responses,
): RecordingSource {
  const frames = starts.length;
  const times = starts.map((start, t) => (start + stops[t]!) / 2);
  const numbers = (values: ArrayLike<number>, shape = [frames], whole = false): SourceArray =>
    arrayInMemory(shape, values, whole);
  const made = new Map<string, SourceArray>();
  for (const modality of sequences) {
    const { values, columns, valid } = interpolatedSequence(modality, times);
    made.set(modality.name, numbers(values, [frames, columns]));
    if (valid.includes(0)) made.set(`${modality.name}_valid`, numbers(valid));
  }
  const labels = new Map(intervals.flatMap((modality) => [...intervalsAt(modality, times)]));
  for (const [label, inside] of labels) made.set(label, numbers(inside, [frames], true));
  const ofTrials = tiersOfTrials(trials);
  const tiers = ofTrials
    ? Float32Array.from(trialOf, (trial) => ofTrials[trial]!)
    : tiersOfIntervals(labels, frames);
  if (tiers || lost.size > 0) {
    const known = tiers ?? new Float32Array(frames);
    for (const frame of lost) known[frame] = NO_TIER;
    made.set("tiers", numbers(known, [frames], true));
  }
  made.set("robs", numbers(robs, [frames, units]));
  made.set("t_bins", numbers(times));
  made.set("trial_inds", numbers(trialOf, [frames], true));
  made.set("eyepos", gazeOf(made.get(EYE), frames));
  made.set("dpi_valid", made.get(`${EYE}_valid`) ?? numbers(new Float32Array(frames).fill(1)));
  return { names: [...made.keys()], get: (name) => made.get(name), movie: movieOf(path, trials, shown) };
}

/** Returns gaze in standard deviations from its mean if the eye tracker has two signals; otherwise 0, the centre. */
function gazeOf(eye: SourceArray | undefined, frames: number): SourceArray {
  const shape = [frames, 2];
  if (eye?.shape[1] !== 2) return arrayInMemory(shape, new Float32Array(2 * frames), false);
  const gaze = Float32Array.from(eye.values!);
  standardize(gaze);
  return arrayInMemory(shape, gaze, false);
}
