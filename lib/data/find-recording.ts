import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { ConfigError } from "../base/config";
import { isAddress } from "../base/files/address";
import { holdsRecording } from "./folder-formats";
import type { SessionConfig } from "./session-schema";

/** The environment variable that names the folder of the recordings. */
const DATA = "GRADBOOK_DATA";

/**
 * Returns the recording of a session: an `.h5` file, or a folder in one of the formats that are read in place. It is looked for in
 * `dataDir`, then beside the session's YAML file, then in the folder that the environment variable `GRADBOOK_DATA` names: as `<session>.h5`,
 * `<session>.zarr/`, `<session>/datasets/<eye>_eye/`, `<session>/datasets/` and `<session>/`. The session's `recording`, which may be an
 * address, and `directory` come before these.
 *
 * @throws ConfigError that lists the places, when it is in none of them
 */
export function recordingOf(config: SessionConfig, dataDir?: string): string {
  const { session, file, eye = "right", directory, recording } = config;
  if (recording && isAddress(recording)) return recording;
  if (recording) return namedRecording(config, resolve(dirname(file), recording));
  const inFolder = (folder: string) => [
    join(folder, `${session}.h5`),
    join(folder, `${session}.zarr`),
    join(folder, session, "datasets", `${eye}_eye`),
    join(folder, session, "datasets"),
    join(folder, session),
  ];
  const env = process.env[DATA];
  const places = [
    ...(directory ? [resolve(dirname(file), directory)] : []),
    ...(dataDir ? inFolder(dataDir) : []),
    file,
    ...inFolder(dirname(file)),
    ...(env ? inFolder(env) : []),
  ];
  const found = places.find((place) => (place.endsWith(".h5") ? existsSync(place) : holdsRecording(place)));
  if (found) return found;
  const folders = [...new Set([dataDir, dirname(file), env].filter(Boolean))];
  const message = `has no recording: neither ${session}.h5 nor ${session}/datasets/*.dset is in ${folders.join(", ")}; give the folder by --data_dir or ${DATA}, or run \`gradbook simulate\` to make the demo sessions`;
  throw new ConfigError(file, [{ path: "", message }]);
}

/** Returns the recording that a session's file names. @throws ConfigError when there is none */
function namedRecording({ file }: SessionConfig, path: string): string {
  if (path.endsWith(".h5") || path.endsWith(".dset") ? existsSync(path) : holdsRecording(path)) return path;
  const message = `names ${path}, which is no recording: an .h5 file, a .zarr folder or its address (https://...), a folder of .dset files, a Sensorium folder with data/responses, or an experanto folder with screen/timestamps.npy${existsSync(`${path}.zip`) || path.endsWith(".zip") ? "; unzip it first" : ""}`;
  throw new ConfigError(file, [{ path: "recording", message }]);
}
