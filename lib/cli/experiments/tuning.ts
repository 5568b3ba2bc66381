import { Command } from "commander";
import {
  contrastTuning,
  gratingTuning,
  naturalWindows,
  type Observer,
  receptiveFields,
  type SizeTuning,
  sizeTuning,
  tuningFigure,
  type UnitTuning,
} from "../../insilico";
import { experiment, type Flags, rounded } from "./experiment";

/** The number of natural pictures that locate receptive fields. */
const PICTURES = 30;

interface TuningFlags extends Flags {
  readonly contrast: boolean;
  readonly size: boolean;
}

/** Measures the tuning to size around receptive fields, which natural pictures locate. */
async function tuningToSize(observer: Observer, tuning: readonly UnitTuning[]): Promise<SizeTuning[]> {
  const { centres } = await receptiveFields(observer, naturalWindows(observer.view, PICTURES));
  return sizeTuning(observer, tuning, centres);
}

/** `gradbook tuning RUN`: measures the tuning of a twin's units to gratings. */
export function tuningCommand(): Command {
  const command = new Command("tuning")
    .description(
      "measure how a twin's units respond to drifting gratings: orientation, direction, spatial and temporal frequency, simple or complex",
    )
    .option(
      "--contrast",
      "also measure responses to contrast, and fit the function of Naka and Rushton",
      false,
    )
    .option(
      "--size",
      "also measure responses to size: preferred diameter, and suppression by the surround",
      false,
    );
  return experiment(command, async (observer, flags: TuningFlags) => {
    const tuning = await gratingTuning(observer);
    const contrast = flags.contrast ? await contrastTuning(observer, tuning) : undefined;
    const size = flags.size ? await tuningToSize(observer, tuning) : undefined;
    const rows = tuning.map((unit, u) => ({
      unit: unit.unit,
      "orientation (°)": Math.round(unit.orientation),
      "direction (°)": Math.round(unit.direction),
      "cycles/°": rounded(unit.spatialFrequency),
      "cycles/s": unit.temporalFrequency,
      "orientation index": rounded(unit.orientationIndex, 2),
      "direction index": rounded(unit.directionIndex, 2),
      "F1/F0": rounded(unit.modulationRatio, 2),
      kind: unit.kind,
      ...(contrast ? { "half at contrast": rounded(contrast[u]!.fit.parameters.semiSaturation) } : {}),
      ...(size
        ? { "diameter (°)": rounded(size[u]!.preferred), suppression: rounded(size[u]!.suppression, 2) }
        : {}),
    }));
    const more = { ...(contrast ? { contrast } : {}), ...(size ? { size } : {}) };
    const data = tuning.map((unit, u) => ({
      ...unit,
      ...(contrast ? { contrast: contrast[u] } : {}),
      ...(size ? { size: size[u] } : {}),
    }));
    return { rows, figure: tuningFigure(tuning, undefined, more), data };
  });
}
