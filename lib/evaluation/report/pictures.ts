import { extremes } from "../../base/dsp/extremes";
import { grayFrame } from "../../base/dsp/movie";
import { readTruth } from "../../data";
import { stimPixels } from "../../data/prepare-recording";
import type { Model } from "../../model";
import { featuresFigure } from "../../plots/features";
import type { Figure } from "../../plots/figure";
import { fixationsFigure } from "../../plots/fixations";
import { masksFigure } from "../../plots/masks";
import { type KernelView, spatialKernelsFigure } from "../../plots/spatial-kernels";
import { saccadesFigure, spikeTriggeredFigure } from "../../plots/triggered";
import { kernelsFigure, positionsFigure } from "../../plots/twin";
import { zMapsFigure } from "../../plots/z-maps";
import { readCheckpoint } from "../../trainer/checkpoint/checkpoint";
import type { TwinModule } from "../../twin/twin-module";
import type { Evaluation } from "../evaluation";

/** A figure with its description. */
export interface Picture {
  /** The name, such as `temporal kernels`; the same in every epoch. */
  name: string;
  caption: string;
  figure: Figure;
}

/** Draws the kernels of a model. */
export function kernelPictures(model: Model): Picture[] {
  const temporal = model.temporalKernels();
  const spatial = model.spatialKernels();
  const rate = model.config.sampling_rate;
  return [
    ...(temporal.length > 0
      ? [
          {
            name: "temporal kernels",
            caption: "The frontend's filters over the frames before the predicted bin.",
            figure: kernelsFigure(temporal, rate),
          },
        ]
      : []),
    ...spatialPictures(spatial),
  ];
}

/** Draws the readout masks on a frame of the stimulus, with the true receptive fields for simulated sessions. */
export async function maskPictures(twin: TwinModule, only?: number): Promise<Picture[]> {
  const outlines = twin.model.readoutOutlines();
  if (outlines.length === 0) return [];
  const truths = await truthsOf(twin);
  const views = twin.sessions.flatMap((session, i) => {
    const { name, height, width, channels, validation } = session;
    if (only !== undefined && only !== i) return [];
    const image = grayFrame(stimPixels(session, validation[0]!, 1), channels);
    const [y0, x0] = [(height - 1) / 2, (width - 1) / 2];
    return {
      title: name,
      height,
      width,
      image,
      ...(session.stim instanceof Uint8Array ? {} : { range: extremes(image) }),
      outlines: outlines.filter(({ dataset }) => dataset === i),
      ...(truths ? { truth: truths[i]!.map(({ y, x }) => ({ y: y + y0, x: x + x0 })) } : {}),
    };
  });
  const masks = {
    name: "readout masks",
    caption: "Where each unit looks: one standard deviation of its mask, on a frame of the stimulus.",
    figure: masksFigure(views),
  };
  if (!truths || only !== undefined) return [masks];
  return [
    masks,
    {
      name: "readout positions",
      caption: "Learned positions and the simulated units' true receptive field centres, joined by a line.",
      figure: positionsFigure(twin.readoutPositions(), truths.flat(), twin.sessions[0]!),
    },
  ];
}

/** Draws the feature weights of the readouts. @param only the number of one session. Default: all */
export function featurePictures({ model, sessions }: TwinModule, only?: number): Picture[] {
  const views = model.readoutFeatures().map((features, i) => ({ title: sessions[i]!.name, ...features }));
  if (views.length === 0) return [];
  const figure = featuresFigure(only === undefined ? views : views.slice(only, only + 1));
  const caption =
    "The weight of each of the core's channels for each unit, in the order of the session's cids; red is positive.";
  return [{ name: "feature weights", caption, figure }];
}

/** Draws the averages of data and model. @param only the number of one session. Default: all */
export function evaluationPictures(evaluation: Evaluation, only?: string): Picture[] {
  const of = ({ session }: { session: string }) => only === undefined || session === only;
  const [units, saccades] = [evaluation.spikeTriggered.filter(of), evaluation.saccades.filter(of)];
  const [fixations, zMaps] = [evaluation.fixations.filter(of), evaluation.zMaps.filter(of)];
  const [responses, one, before] = evaluation.isOfCounts
    ? (["spikes", "spike", "The mean stimulus before a spike"] as const)
    : (["responses", "response", "The mean stimulus before a bin, weighted by its response"] as const);
  const pictures: (Picture | false)[] = [
    units.length > 0 && {
      name: `${one}-triggered averages`,
      caption: `${before}, of the data (above) and of the model's rates (below), at the lag where the data's is strongest; r over all lags.`,
      figure: spikeTriggeredFigure(units, responses),
    },
    zMaps.length > 0 && {
      name: "whitened z-maps",
      caption:
        "The spike-triggered average (above) and energy (below) of the stimulus after whitening over space, in standard deviations, at the lag of the largest |z| of each.",
      figure: zMapsFigure(zMaps),
    },
    saccades.length > 0 && {
      name: "saccades",
      caption:
        "The mean rate of all units around the landing of saccades on validation trials, with standard errors over saccades.",
      figure: saccadesFigure(saccades, responses),
    },
    fixations.length > 0 && {
      name: "responses during fixation",
      caption:
        "The mean rate over trials since the start of the trial's stimulus, of the units whose rate varies most; r over bins, for each unit.",
      figure: fixationsFigure(fixations, responses),
    },
  ];
  return pictures.filter((picture) => picture !== false);
}

/** Draws the convolution kernels in any module's checkpoint. It finds them by the shape of the stored arrays. */
export function weightPictures(checkpoint: string): Picture[] {
  const kernels: KernelView[] = [...readCheckpoint(checkpoint).tensors].flatMap(
    ([name, { shape, values }]) => {
      const [height = 1, width = 1] = shape.length === 5 ? shape.slice(1) : shape;
      const moments = /^(optimizer|moments?|adam|ema)\b/i.test(name);
      if (moments || (shape.length !== 4 && shape.length !== 5) || height * width === 1) return [];
      return [{ name, shape: shape.length === 5 ? shape : [1, ...shape], values }];
    },
  );
  return spatialPictures(kernels);
}

function spatialPictures(kernels: readonly KernelView[]): Picture[] {
  if (kernels.length === 0) return [];
  const caption =
    "Convolution kernels over space, each filter at the time tap where it is strongest, with its own color scale; red is positive.";
  return [{ name: "spatial kernels", caption, figure: spatialKernelsFigure(kernels) }];
}

/** Returns the true units of every session; undefined for a session that is not simulated. */
async function truthsOf({ sessions }: TwinModule) {
  try {
    return await Promise.all(sessions.map(readTruth));
  } catch {
    return undefined;
  }
}
