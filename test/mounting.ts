import { type SpawnSyncReturns, spawnSync } from "node:child_process";

const NAMESPACE = ["-rm", "sh", "-c"];

/** Whether this machine allows a process to mount file systems in its own namespace. */
export const canMount = spawnSync("unshare", [...NAMESPACE, "mount -t tmpfs tmpfs /mnt"]).status === 0;

/** Runs a shell script in a folder. Its mounts are visible only to its processes, and end with them. */
export const mounting = (cwd: string, script: string): SpawnSyncReturns<string> =>
  spawnSync("unshare", [...NAMESPACE, script], { cwd, encoding: "utf8" });
