import { getArray, putArray, readHdf5, writeHdf5 } from "./hdf5";
import type { UnitTruth } from "./simulate/unit";

/** The ground truth of a simulated session. */
export interface Truth {
  units: UnitTruth[];
  /** Expected spikes per frame `[T, units]`, by stimulus type. */
  rates: Record<string, Float32Array>;
}

/** Returns the path of the truth file, beside the session's file. */
export const truthFile = (sessionFile: string) => sessionFile.replace(/\.h5$/, ".truth.h5");

/** Writes the truth of a simulated session; atomic. */
export async function writeTruth(path: string, { units, rates }: Truth): Promise<void> {
  return writeHdf5(path, (file) => {
    file.create_attribute("format", "gradbook-truth");
    file.create_attribute("units", JSON.stringify(units));
    for (const [type, values] of Object.entries(rates)) {
      putArray(file.create_group(type), "rates", {
        shape: [values.length / units.length, units.length],
        values,
      });
    }
  });
}

/**
 * Reads the truth of a simulated session.
 *
 * @throws ConfigError when there is none, or it is damaged
 */
export async function readTruthFile(path: string): Promise<Truth> {
  return readHdf5(path, "only simulated sessions have their truth beside them", (file) => {
    const rates = file
      .keys()
      .map((type) => [type, Float32Array.from(getArray(file, `${type}/rates`)!.values)] as const);
    return { units: JSON.parse(String(file.attrs.units!.value)), rates: Object.fromEntries(rates) };
  });
}
