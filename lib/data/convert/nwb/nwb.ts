import { isZarr } from "../../zarr/stores";
import { defineImporter, type Imported, sourceName } from "../importer";
import { finiteUnits } from "./finite";
import { openHdf5 } from "./hdf5-source";
import { unusedIn } from "./left-out";
import { NwbFile, rounded } from "./nwb-file";
import { openResponses } from "./open-responses";
import { NWB_OPTIONS } from "./options";
import { type Part, recordingOf } from "./recording";
import { openStimuli } from "./stimuli";
import { openZarr } from "./zarr-source";

/**
 * Reads NWB 2 files (https://nwb-schema.readthedocs.io). Frames come from series of images, from numbers of images (`IndexSeries`), or from
 * interval tables that name images. In each frame spikes are counted, or fluorescence is averaged. Behaviour is interpolated.
 */
export const nwb = defineImporter({
  name: "nwb",
  description: "an NWB 2 file (.nwb, .h5), or a folder in Zarr (.nwb.zarr)",
  options: NWB_OPTIONS,
  accepts: (path) => /\.(nwb|h5)$/.test(path) || isZarr(path),
  async read(path, options): Promise<Imported> {
    const file = new NwbFile(path, await (isZarr(path) ? openZarr(path) : openHdf5(path)));
    const shown = await openStimuli(file, options.stimulus, {
      column: options.image_column,
      file: options.images,
    });
    const units = await openResponses(file, {
      where: [...options.where, ...(options.quality ? [`quality=${options.quality}`] : [])],
      window: options.window,
      responses: options.responses,
    });
    const parts: NamedPart[] = [];
    for (const one of shown)
      parts.push({ name: one.name, ...(await recordingOf(file, one, units, options)) });
    const finite = finiteUnits(
      file,
      units,
      parts.map(({ robs }) => robs),
    );
    const recordings = parts.map(
      ({ name, recording }, i) => [name, { ...recording, robs: finite.tables[i]! }] as const,
    );
    const { cids, coordinates, groups } = finite.units;
    return {
      session: {
        name: sourceName(path),
        samplingRate: rateOf(file, parts),
        pixelsPerDegree: options.pixels_per_degree ?? 1,
        cids: [...cids],
        responses: options.kind ?? units.kind,
        ...(coordinates ? { coordinates } : {}),
        ...(groups ? { groups } : {}),
        recordings: Object.fromEntries(recordings),
      },
      taken: [...new Set([...parts.flatMap(({ taken }) => taken), ...units.taken])],
      assumed: [...new Set([...parts.flatMap(({ assumed }) => assumed), ...units.assumed])],
      leftOut: [
        ...shown.flatMap(({ leftOut }) => leftOut),
        ...parts.flatMap(({ leftOut }) => leftOut),
        ...units.leftOut,
        ...finite.leftOut,
        ...unusedIn(file),
      ],
    };
  },
});

type NamedPart = Part & { readonly name: string };

/** Returns the frames per second of all stimulus types. @throws ConfigError when they differ */
function rateOf(file: NwbFile, parts: readonly NamedPart[]): number {
  const [first] = parts as [NamedPart];
  const other = parts.find(({ period }) => Math.abs(period - first.period) > 1e-3 * first.period);
  if (other)
    throw file.fail(
      "--sampling_rate",
      `is needed: a frame of ${first.name} takes ${rounded(first.period)} s, but one of ${other.name} ${rounded(other.period)} s`,
    );
  return rounded(1 / first.period);
}
