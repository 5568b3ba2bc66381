import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { ConfigError } from "../base/config";
import { hasDsets } from "./dset";
import type { SessionConfig } from "./session-schema";

/** The environment variable that names the folder of the recordings. */
const DATA = "GRADBOOK_DATA";

/**
 * Returns the recording of a session: an `.h5` file, or the folder of its `.dset` files. It is looked for in `dataDir`, then beside the
 * session's YAML file, then in the folder that the environment variable `GRADBOOK_DATA` names: as `<session>.h5`,
 * `<session>/datasets/<eye>_eye/`, `<session>/datasets/` and `<session>/`. The session's `directory` comes before all of these.
 *
 * @throws ConfigError that lists the places, when it is in none of them
 */
export function recordingOf(config: SessionConfig, dataDir?: string): string {
  const { session, file, eye = "right", directory } = config;
  const inFolder = (folder: string) => [
    join(folder, `${session}.h5`),
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
  const found = places.find((place) => (place.endsWith(".h5") ? existsSync(place) : hasDsets(place)));
  if (found) return found;
  const folders = [...new Set([dataDir, dirname(file), env].filter(Boolean))];
  const message = `has no recording: neither ${session}.h5 nor ${session}/datasets/*.dset is in ${folders.join(", ")}; give the folder by --data_dir or ${DATA}, or run \`gradbook simulate\` to make the demo sessions`;
  throw new ConfigError(file, [{ path: "", message }]);
}
