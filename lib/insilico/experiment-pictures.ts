import type { Figure } from "../plots/figure";
import type { Twin } from "../twin/twin";
import { mostExcitingInputs } from "./exciting-inputs";
import { inputsFigure, receptiveFieldsFigure, strongest, tuningFigure } from "./figures";
import { receptiveFields } from "./gradients";
import { gratingTuning } from "./grating-tuning";
import { observe, some } from "./observer";
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
  const shown = some(observer, strongest(tuning));
  const fields = await receptiveFields(shown, naturalWindows(twin.view, NATURAL));
  const inputs = await mostExcitingInputs(shown);
  const simple = tuning.filter(({ kind }) => kind === "simple").length;
  return [
    {
      name: "tuning to gratings",
      caption: `Responses to drifting gratings above blank, with fits, for the six units that respond most; ${simple} of ${tuning.length} units are simple.`,
      figure: tuningFigure(tuning),
    },
    {
      name: "receptive fields",
      caption: `The root mean square gradient of the rate over ${NATURAL} natural pictures, for the same units.`,
      figure: receptiveFieldsFigure(fields, shown.units, twin.view),
    },
    {
      name: "most exciting inputs",
      caption: "The movie that drives each of these units most, at the lag with the largest contrast.",
      figure: inputsFigure(inputs, twin.view),
    },
  ];
}
