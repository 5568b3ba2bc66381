import {
  type Grating,
  gratings,
  naturalWindows,
  type Observer,
  present,
  presentWindows,
  type UnitInput,
} from "../../lib/insilico";
import { pixelsPerDegreeOf } from "../../lib/insilico/observer";
import { median } from "../../lib/metrics/correlation";
import { rounded } from "./truth";

/** The responses of units to their most exciting inputs, compared with other stimuli of the same range of contrast. */
export interface Drive {
  readonly pictures: number;
  readonly gratings: number;
  /** The number of units whose input drives them at least as much as every picture. */
  readonly above_pictures: number;
  readonly above_gratings: number;
  /** The rate for the input over that for the best of all pictures and gratings: the smallest and the median. */
  readonly least_ratio: number;
  readonly median_ratio: number;
}

/** Shows natural pictures and gratings of full contrast, and compares the largest rates with those of the inputs. */
export async function driveOf(
  observer: Observer,
  inputs: readonly UnitInput[],
  pictures: number,
): Promise<Drive> {
  const shown = gratingsOf(observer);
  const byPictures = largestOf(
    await presentWindows(observer, naturalWindows(observer.view, pictures)),
    inputs.length,
  );
  const byGratings = largestOf(await present(observer, gratings, shown), inputs.length);
  const ratios = inputs.map(({ rate }, u) => rate / Math.max(byPictures[u]!, byGratings[u]!));
  return {
    pictures,
    gratings: shown.length,
    above_pictures: inputs.filter(({ rate }, u) => rate >= byPictures[u]!).length,
    above_gratings: inputs.filter(({ rate }, u) => rate >= byGratings[u]!).length,
    least_ratio: rounded(Math.min(...ratios)),
    median_ratio: rounded(median(ratios)),
  };
}

/** Returns the largest rate of each unit. */
function largestOf(rates: Float32Array, units: number): Float32Array {
  const largest = new Float32Array(units);
  for (const [i, rate] of rates.entries()) largest[i % units] = Math.max(largest[i % units]!, rate);
  return largest;
}

function gratingsOf({ view }: Observer): Grating[] {
  const degrees = Math.min(view.height, view.width) / pixelsPerDegreeOf(view);
  const around = (count: number) => Array.from({ length: count }, (_, i) => (360 * i) / count);
  const spatial = [1, 1.5, 2, 2.5, 3, 3.5, 4, 5].map((cycles) => cycles / degrees);
  return around(24).flatMap((direction) =>
    spatial.flatMap((spatialFrequency) =>
      [0, 2, 4, 8, 15, 30].flatMap((temporalFrequency) =>
        around(8).map((phase) => ({ direction, spatialFrequency, temporalFrequency, phase })),
      ),
    ),
  );
}
