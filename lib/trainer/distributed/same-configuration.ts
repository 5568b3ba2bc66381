import { createHash } from "node:crypto";
import { ConfigError, type Problem } from "../../base/config";
import { briefJson } from "../../base/config/errors";
import type { ProcessGroup } from "./process-group";

/** Keys whose values may differ: the names of files and folders of a host, and how its processes start. */
const OWN_KEYS = new Set([
  "name",
  "dir",
  "file",
  "overwrite",
  "resume",
  "devices",
  "accelerator",
  "maxRestarts",
  "watchdog",
]);

/**
 * Checks that all processes train the same model on the same sessions with the same options. Otherwise their gradients would be those
 * of different things, and their sum would be meaningless.
 *
 * @param config the configuration of this process; names of files and folders may differ between hosts
 * @throws ConfigError in all processes, which lists the keys whose values differ from those of rank 0
 */
export async function requireSameConfiguration(group: ProcessGroup, config: unknown): Promise<void> {
  const own = flat(config);
  const text = JSON.stringify([...own]);
  const digest = createHash("sha256").update(text).digest();
  const digests = await group.gather(Float32Array.from(digest));
  if (digests.every((byte, i) => byte === digest[i % digest.length])) return;
  const all = (await group.exchange([...own])) as [string, string][][];
  const [first, ...others] = all.map((each) => new Map(each));
  const problems = others.flatMap((other, i) => differences(first!, other, i + 1));
  throw new ConfigError("the processes train different things", problems);
}

/** Returns the values by their dotted key paths, as JSON. */
function flat(value: unknown, path = "", found = new Map<string, string>()): Map<string, string> {
  if (typeof value === "object" && value !== null)
    for (const [key, inner] of Object.entries(value)) {
      if (!OWN_KEYS.has(key)) flat(inner, path ? `${path}.${key}` : key, found);
    }
  else found.set(path, JSON.stringify(value ?? null));
  return found;
}

function differences(
  first: ReadonlyMap<string, string>,
  other: ReadonlyMap<string, string>,
  rank: number,
): Problem[] {
  const keys = [...new Set([...first.keys(), ...other.keys()])];
  const shown = (value: string | undefined) =>
    value === undefined ? "absent" : briefJson(JSON.parse(value));
  return keys
    .filter((key) => first.get(key) !== other.get(key))
    .map((path) => ({
      path,
      message: `is ${shown(first.get(path))} in rank 0, but ${shown(other.get(path))} in rank ${rank}; start all processes with the same configuration`,
    }));
}
