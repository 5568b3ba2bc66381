import type { Figure } from "../plots/figure";
import type { Twin } from "../twin/twin";
import { channelEffects } from "./channel-effects";
import { mostExcitingInputs, mostInhibitingInputs } from "./exciting-inputs";
import {
  attributionsFigure,
  channelEffectsFigure,
  inputsFigure,
  receptiveFieldsFigure,
  SHOWN,
  strongest,
  tuningFigure,
} from "./figures";
import { attributions, receptiveFields } from "./gradients";
import { gratingTuning } from "./grating-tuning";
import { contrastiveInput, diverseInputs, inputsOf, metamers } from "./input-goals";
import { type Observer, observe, some } from "./observer";
import { presentWindows } from "./present";
import { contrastTuning, sizeTuning } from "./unit-tuning";
import { naturalWindows } from "./windows";

/** A figure of an experiment, with its description. */
export interface ExperimentPicture {
  readonly name: string;
  readonly caption: string;
  readonly figure: Figure;
}

/** The number of natural pictures over which receptive fields are averaged. */
const NATURAL = 50;

/**
 * Makes the experiments that a report shows: tuning to gratings, receptive fields, most exciting inputs. No recording is needed.
 *
 * @throws ConfigError when the size of a pixel in degrees is unknown
 */
export async function experimentPictures(twin: Twin): Promise<ExperimentPicture[]> {
  const observer = observe(twin);
  const tuning = await gratingTuning(observer);
  const chosen = strongest(tuning);
  const shown = some(observer, chosen);
  const ofShown = chosen.map((unit) => tuning[unit]!);
  const fields = await receptiveFields(shown, naturalWindows(twin.view, NATURAL));
  const contrast = await contrastTuning(shown, ofShown);
  const size = await sizeTuning(shown, ofShown, fields.centres);
  const simple = tuning.filter(({ kind }) => kind === "simple").length;
  return [
    {
      name: "tuning to gratings",
      caption: `Responses to drifting gratings above blank, with fits, for the six units that respond most: direction, spatial and temporal frequency, contrast, diameter. ${simple} of ${tuning.length} units are simple.`,
      figure: tuningFigure(ofShown, shown.units, { contrast, size }),
    },
    {
      name: "receptive fields",
      caption: `The root mean square gradient of the rate over ${NATURAL} natural pictures, for the same units.`,
      figure: receptiveFieldsFigure(fields, shown.units, twin.view),
    },
    ...(await inputPictures(shown)),
    ...(await explainingPictures(twin, shown)),
  ];
}

/** Makes the pictures of inputs that are found by gradient ascent. */
async function inputPictures(shown: Observer): Promise<ExperimentPicture[]> {
  const { view, units } = shown;
  const exciting = await mostExcitingInputs(shown);
  const inhibiting = await mostInhibitingInputs(shown, { seeds: 1 });
  const scales = exciting.map(({ rate }) => rate);
  const diverse = await diverseInputs(shown, 0, scales[0]!, { count: SHOWN });
  const contrastive = await contrastiveInput(shown, [0], { scales });
  const picture = naturalWindows(view, 1);
  const rates = await presentWindows(shown, picture);
  const same = await metamers(shown, rates, { count: 2 });
  const [name] = units;
  const others = [
    ...inputsOf(diverse, shown, "diverse"),
    ...inputsOf(contrastive, shown, "contrastive"),
    { unit: "picture", input: picture.values, rate: rates[0]! },
    ...inputsOf(same, shown, "metamer"),
  ];
  return [
    {
      name: "most exciting inputs",
      caption: "The movie that drives each of these units most, at the lag with the largest contrast.",
      figure: inputsFigure(exciting, view),
    },
    {
      name: "most inhibiting inputs",
      caption: "The movie that drives each of these units least.",
      figure: inputsFigure(inhibiting, view),
    },
    {
      name: "other inputs",
      caption: `Different inputs that all drive ${name}; an input that drives it and not the other five units; a natural picture, and inputs with the same rates of the six units. Titles are rates of ${name}.`,
      figure: inputsFigure(
        others,
        view,
        others.map(({ unit }) => unit),
      ),
    },
  ];
}

/** Makes the pictures that explain responses: attributions to pixels, and effects of channels. */
async function explainingPictures(twin: Twin, shown: Observer): Promise<ExperimentPicture[]> {
  const { view, units } = shown;
  const values = await attributions(shown, naturalWindows(view, 1).values);
  const effects = await channelEffects(twin, "convnet", naturalWindows(view, NATURAL));
  return [
    {
      name: "attributions",
      caption:
        "The share of each pixel in the responses of the six units to one natural picture, at the lag with the largest shares; titles are the responses above blank.",
      figure: attributionsFigure(values, units, view),
    },
    {
      name: "effects of channels",
      caption: `How the mean rate of each unit for ${NATURAL} natural pictures changes without one channel of the convnet; -1 is no response at all.`,
      figure: channelEffectsFigure(effects),
    },
  ];
}
