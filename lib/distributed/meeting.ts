import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { ConfigError } from "../base/config";
import { fromJson } from "../base/files/atomic";
import { makeFolderOf } from "../base/files/folder";
import { type ClusterEnvironment, fileNameOf, isLocal, portOf } from "./cluster-environment";

/** The data that a process needs to join the others. */
export interface Invitation {
  /** The addresses of rank 0, of which this process may reach only some. */
  readonly addresses: readonly string[];
  readonly port: number;
  /** The secret that rank 0 requires. */
  readonly key: string;
}

/** The known parts of an invitation. The others are in a file that rank 0 writes. */
export interface Meeting extends Partial<Invitation> {
  readonly file?: string;
}

/** The loopback, at which no other host can reach a process. */
export const LOOPBACK = "127.0.0.1";

/**
 * Returns the meeting of the processes that a launcher started. Without a key in the environment rank 0 invites the others by a file, which
 * needs a folder that all hosts share. With a key the address and the port follow from the variables, and no file is needed.
 *
 * @param dir the folder of the runs
 * @param key the value of `GRADBOOK_KEY`
 * @throws ConfigError when a key is given, and no variable names the host of rank 0
 */
export function meetingOf(place: ClusterEnvironment, dir: string, key: string | undefined): Meeting {
  const { job, port, host } = place;
  const address = isLocal(place) ? LOOPBACK : place.address;
  if (!key) {
    const given = address !== undefined && port !== undefined ? { addresses: [address], port } : {};
    return { ...given, file: join(dir, `.join-${fileNameOf(job)}.json`) };
  }
  const known = address ?? host;
  if (known !== undefined) return { addresses: [known], port: port ?? portOf(job), key };
  const message =
    "is not set, but with GRADBOOK_KEY all processes need it: set it to the host of rank 0, or give no GRADBOOK_KEY and let all hosts share " +
    "the folder of the runs";
  throw new ConfigError("environment", [{ path: "MASTER_ADDR", message }]);
}

/** Returns the addresses of this host that other hosts may reach. */
export function ownAddresses(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  const outside = all.filter(({ internal, scopeid }) => !internal && !scopeid);
  const found = outside.sort((a, b) => a.family.localeCompare(b.family)).map(({ address }) => address);
  return found.length > 0 ? found : [LOOPBACK];
}

/** Returns a new random key. */
export const newKey = (): string => randomBytes(32).toString("hex");

/** Writes an invitation to a file that only this user may read. @throws ConfigError when the folder cannot be written */
export function writeInvitation(file: string, invitation: Invitation): void {
  makeFolderOf(file);
  rmSync(file, { force: true });
  writeFileSync(file, JSON.stringify(invitation), { mode: 0o600, flag: "wx" });
}

/** Returns the parts of an invitation that are known now. */
export function invitationOf({ file, ...known }: Meeting): Partial<Invitation> {
  return { ...(file === undefined ? {} : read(file)), ...known };
}

function read(file: string): Partial<Invitation> {
  try {
    return fromJson<Invitation>(readFileSync(file, "utf8")) ?? {};
  } catch {
    return {};
  }
}

/** Compares two keys in constant time. */
export function isSameKey(a: string, b: string): boolean {
  const digest = (key: string) => createHash("sha256").update(key).digest();
  return timingSafeEqual(digest(a), digest(b));
}
