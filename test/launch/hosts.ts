import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";

/**
 * Network namespaces of this machine that represent hosts, joined by a virtual cable. Their names are unique to this
 * process.
 */
export const NAMES = [0, 1].map((i) => `gb${process.pid}h${i}`);
const CABLES = [0, 1].map((i) => `gb${process.pid % 100_000}c${i}`);
export const ADDRESSES = ["10.77.0.1", "10.77.0.2"] as const;
/** An unused address in the same network. */
export const NOBODY = "10.77.0.9";

const ip = (...args: string[]) => spawnSync("ip", args, { encoding: "utf8" });

/** @returns the reason why this machine does not allow it, or undefined */
export function makeHosts(): string | undefined {
  const commands = [
    ...NAMES.map((name) => ["netns", "add", name]),
    [
      "link",
      "add",
      CABLES[0]!,
      "netns",
      NAMES[0]!,
      "type",
      "veth",
      "peer",
      "name",
      CABLES[1]!,
      "netns",
      NAMES[1]!,
    ],
    ...NAMES.flatMap((name, i) => [
      ["-n", name, "addr", "add", `${ADDRESSES[i]}/24`, "dev", CABLES[i]!],
      ["-n", name, "link", "set", CABLES[i]!, "up"],
      ["-n", name, "link", "set", "lo", "up"],
    ]),
  ];
  for (const command of commands) {
    const { status, stderr, error } = ip(...command);
    if (status === 0) continue;
    removeHosts();
    return `ip ${command.join(" ")}: ${error?.message ?? stderr.trim()}`;
  }
  return undefined;
}

export function removeHosts(): void {
  for (const name of NAMES) {
    ip("netns", "del", name);
    rmSync(folderOf(name), { recursive: true, force: true });
  }
}

/** The folder of files that `ip netns exec` puts in the place of those in /etc. */
const folderOf = (name: string) => join("/etc/netns", name);

/** Writes the names of both hosts to the file that each host has in the place of /etc/hosts. The first one also has the name of this machine. */
export function nameHosts(names: readonly string[]): void {
  const lines = [
    "127.0.0.1 localhost",
    `${ADDRESSES[0]} ${hostname()}`,
    ...names.map((name, i) => `${ADDRESSES[i]} ${name}`),
  ];
  for (const name of NAMES) {
    mkdirSync(folderOf(name), { recursive: true });
    writeFileSync(join(folderOf(name), "hosts"), `${lines.join("\n")}\n`);
  }
}

/** The prefix of a command that runs on a host. */
export const on = (host: number): string[] => ["ip", "netns", "exec", NAMES[host]!];

/** Returns the variables that a launcher sets for the only process on a host. */
export const rankOn = (host: number) => ({
  RANK: String(host),
  WORLD_SIZE: "2",
  LOCAL_RANK: "0",
  LOCAL_WORLD_SIZE: "1",
  MASTER_ADDR: ADDRESSES[0],
  MASTER_PORT: "29500",
});

/** Simulates an unplugged cable. */
export const cut = (): void => void ip("-n", NAMES[1]!, "link", "set", CABLES[1]!, "down");
export const mend = (): void => void ip("-n", NAMES[1]!, "link", "set", CABLES[1]!, "up");
