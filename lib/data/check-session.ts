import { product } from "../base/arrays/shape";
import { ConfigError, checkAll, type Problem } from "../base/config";
import { frameLength } from "../base/dsp/movie";
import { checkRecording, trialsOf, unitIds } from "./check-recording";
import { movieShape } from "./movie-source";
import type { Recording, Session } from "./session";

/**
 * Checks a session in memory as `readSession` checks a file, so that no session is written which cannot be read.
 *
 * @param where the file that the session came from, for errors
 * @throws ConfigError with the problems of all recordings
 */
export function checkSession(where: string, session: Session): void {
  const { cids, recordings, coordinates, groups, responses } = session;
  checkAll(where, [
    () => unitIds(where, cids),
    () => requireRows(where, { unit_coordinates: coordinates, unit_groups: groups }, cids.length),
    ...Object.entries(recordings).map(([type, recording]) => () => {
      requireShapes(where, type, recording, cids.length);
      trialsOf(where, type, recording.trialInds);
      checkRecording(where, type, recording, responses);
    }),
  ]);
}

function requireRows(
  where: string,
  facts: Readonly<Record<string, readonly unknown[] | undefined>>,
  units: number,
): void {
  const problems = Object.entries(facts).flatMap<Problem>(([path, rows]) =>
    !rows || rows.length === units
      ? []
      : [{ path, message: `has ${rows.length} rows, but there are ${units} units: one row for each` }],
  );
  if (problems.length > 0) throw new ConfigError(where, problems);
}

/** Checks that every covariate has a row for each frame, and the responses a column for each unit. */
function requireShapes(where: string, type: string, recording: Recording, units: number): void {
  const { frames, height, width, channels = 1 } = recording;
  const dtype = recording.stim instanceof Uint8Array ? "uint8" : "float32";
  movieShape(where, type, { shape: [frames, height, width, channels], dtype });
  const sizes: Record<string, [found: number, columns: number]> = {
    stim: [recording.stim.length, frameLength(recording)],
    robs: [recording.robs.length, units],
    eyepos: [recording.eyepos.length, 2],
    t_bins: [recording.tBins.length, 1],
    trial_inds: [recording.trialInds.length, 1],
    dpi_valid: [recording.dpiValid.length, 1],
  };
  for (const [name, { shape, values }] of Object.entries(recording.others))
    sizes[name] = [values.length, product(shape.slice(1))];
  const problems = Object.entries(sizes).flatMap<Problem>(([name, [found, columns]]) =>
    found === frames * columns
      ? []
      : [
          {
            path: `${type}/${name}`,
            message: `has ${found} values, but ${frames} frames of ${columns} are ${frames * columns}`,
          },
        ],
  );
  if (problems.length > 0) throw new ConfigError(where, problems);
}
