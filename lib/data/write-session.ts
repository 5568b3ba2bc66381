import { putArray, writeHdf5 } from "./hdf5";
import { FORMAT_VERSION, type Session } from "./session";

/** Writes a session file; atomic. */
export async function writeSession(path: string, session: Session): Promise<void> {
  return writeHdf5(path, (file) => {
    const { name, samplingRate, pixelsPerDegree, cids, coordinates, groups, responses, recordings } = session;
    file.create_attribute("format", "gradbook-session");
    file.create_attribute("format_version", FORMAT_VERSION);
    file.create_attribute("name", name);
    file.create_attribute("sampling_rate", samplingRate);
    file.create_attribute("pixels_per_degree", pixelsPerDegree);
    if (responses) file.create_attribute("responses", responses);
    putArray(file, "cids", { shape: [cids.length], values: Int32Array.from(cids) });
    if (coordinates) {
      const shape = [cids.length, coordinates[0]!.length];
      putArray(file, "unit_coordinates", { shape, values: Float32Array.from(coordinates.flat()) });
    }
    if (groups) putArray(file, "unit_groups", { shape: [cids.length], values: Int32Array.from(groups) });
    for (const [type, recording] of Object.entries(recordings)) {
      const { frames, height, width, channels = 1, stimRange } = recording;
      const group = file.create_group(type);
      const frame = channels === 1 ? [height, width] : [height, width, channels];
      const stim = putArray(group, "stim", { shape: [frames, ...frame], values: recording.stim });
      if (stimRange) stim.create_attribute("range", Float64Array.from(stimRange));
      putArray(group, "robs", { shape: [frames, cids.length], values: recording.robs });
      putArray(group, "eyepos", { shape: [frames, 2], values: recording.eyepos });
      putArray(group, "t_bins", { shape: [frames], values: recording.tBins });
      putArray(group, "trial_inds", { shape: [frames], values: recording.trialInds });
      putArray(group, "dpi_valid", { shape: [frames], values: recording.dpiValid });
      for (const [other, { shape, values, whole }] of Object.entries(recording.others))
        putArray(group, other, { shape: [...shape], values: whole ? Int32Array.from(values) : values });
    }
  });
}
