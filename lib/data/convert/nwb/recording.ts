import type { Recording } from "../../session";
import { behaviourOf } from "./behaviour";
import { respondingFrames } from "./finite";
import { framesOf } from "./frames";
import { movieOf } from "./movie";
import type { NwbFile } from "./nwb-file";
import type { NwbValues } from "./options";
import type { Responses } from "./responses";
import type { Shown } from "./shown";
import { trialsOf } from "./trials";

/** The recording of one stimulus, and a description of its conversion. */
export interface Part {
  readonly recording: Recording;
  /** The responses in the recording, `[frames, units]`. */
  readonly robs: Float32Array;
  readonly period: number;
  readonly taken: readonly string[];
  readonly assumed: readonly string[];
  readonly leftOut: readonly string[];
}

/** Makes the recording of one stimulus. */
export async function recordingOf(
  file: NwbFile,
  shown: Shown,
  units: Responses,
  options: NwbValues,
): Promise<Part> {
  const shownFrames = framesOf(file, shown, options.sampling_rate);
  const responses = await units.inFrames(shownFrames);
  const { frames, robs, lost } = respondingFrames(shownFrames, responses, units.cids.length);
  const { starts, stops, period } = frames;
  if (starts.length < 2)
    throw file.fail(
      units.at,
      `has responses in only ${starts.length} of ${shownFrames.starts.length} frames of ${shown.name}; give a stimulus of two or more frames, on the clock of the responses`,
    );
  const movie = await movieOf(file, shown.images, frames, {
    color: options.color,
    background: options.background,
    size: options.frame_size,
    range: options.pixel_range,
  });
  const times = starts.map((start, t) => (start + stops[t]!) / 2);
  const trials = await trialsOf(file, times, period, { table: options.trials, block: options.block });
  const { eyepos, dpiValid, others, taken, assumed, leftOut } = await behaviourOf(file, times, {
    covariates: options.covariates,
    eye: options.eye,
  });
  const { height, width, channels, stim, notes } = movie;
  return {
    recording: {
      frames: starts.length,
      height,
      width,
      ...(channels > 1 ? { channels } : {}),
      stim,
      robs,
      trialInds: trials.trialInds,
      eyepos,
      dpiValid,
      tBins: times,
      others,
    },
    robs,
    period,
    taken: [
      `${shown.name}: ${[shown.images.at, ...notes].join(", ")}`,
      ...(trials.taken ? [trials.taken] : []),
      ...taken,
    ],
    leftOut: [...(lost > 0 ? [`${shown.name}: ${lost} frames without responses`] : []), ...leftOut],
    assumed: [...(trials.assumed ? [trials.assumed] : []), ...assumed],
  };
}
