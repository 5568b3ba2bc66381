import { lookup } from "node:dns/promises";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { networkInterfaces } from "node:os";
import koffi, { type TypeObject } from "koffi";
import { INSTRUCTION_BYTES, senderFilter } from "./packet-filter";
import { platform } from "./platform";

/*
 * TensorFlow's gRPC server listens on all interfaces of a host, without a password: its address is fixed in the library. The
 * system can restrict who reaches a socket that listens already: to one network interface (SO_BINDTODEVICE, socket(7)), or by a
 * filter on each packet's sender (SO_ATTACH_FILTER, https://docs.kernel.org/networking/filter.html). Both need no privileges.
 */

/** How well TensorFlow's server of this process is fenced. */
export interface Fence {
  /** Text for the person who trains; undefined when nothing but this machine reaches the server. */
  readonly notice?: string;
  /** Whether anybody who reaches the port may connect. */
  readonly failed: boolean;
}

/**
 * Restricts who may connect to this process's TensorFlow: to this machine when all processes run on it, else to the hosts of the
 * cluster. To be called as soon as it listens.
 *
 * @param port where it listens
 * @param senders the addresses of all hosts of the cluster
 */
export function fenceCluster(port: number, senders: readonly string[]): Fence {
  const own = ownAddresses();
  const others = senders.filter((address) => !own.has(address));
  const restriction = others.length === 0 ? bindToLoopback() : attachFilter([...others, ...own]);
  const problem = restrict(port, restriction);
  if (problem) return { failed: true, notice: openNotice(port, problem) };
  return others.length === 0 ? { failed: false } : { failed: false, notice: fencedNotice(others) };
}

const openNotice = (port: number, problem: string) =>
  `TensorFlow's server at port ${port} could not be restricted (${problem}). It has no password: whoever reaches the port can read and ` +
  "change what is trained. Close the port to other hosts; docs/clusters.md says how.";

const fencedNotice = (others: readonly string[]) =>
  "the processes exchange gradients by TensorFlow's gRPC servers, without encryption and without a password. Each takes connections " +
  `from this training's hosts only (this one and ${others.join(", ")}), from all users of these; docs/clusters.md says how to fence them.`;

/** The IP addresses of hosts, each once. */
export async function addressesOf(hosts: readonly string[]): Promise<string[]> {
  const found = await Promise.all(hosts.map((host) => lookup(host, { all: true }).catch(() => [])));
  return [...new Set(found.flat().map(({ address }) => address))];
}

const ownAddresses = () =>
  new Set([
    ...["127.0.0.1", "127.0.1.1", "::1"],
    ...Object.values(networkInterfaces()).flatMap((all) => all?.map(({ address }) => address) ?? []),
  ]);

// Constants of Linux's socket.h and filter.h.
const SOL_SOCKET = 1;
const SO_BINDTODEVICE = 25;
const SO_ATTACH_FILTER = 26;

/** Restricts a socket by its file descriptor. @returns whether the system did so */
type Restriction = (socket: number) => boolean;

const setsockopt = (value: string | TypeObject) =>
  koffi.load(platform().libc).func("setsockopt", "int", ["int", "int", "int", value, "uint32_t"]);

/** What comes through any other interface than the loopback, which also leads to this machine's other addresses, is not let in. */
function bindToLoopback(): Restriction {
  const set = setsockopt("const char *");
  const name = "lo";
  return (socket) => set(socket, SOL_SOCKET, SO_BINDTODEVICE, name, name.length + 1) === 0;
}

function attachFilter(senders: readonly string[]): Restriction {
  const program = koffi.struct({ length: "uint16_t", instructions: "void *" });
  const set = setsockopt(koffi.pointer(program));
  const instructions = senderFilter(senders);
  const filter = { length: instructions.length / INSTRUCTION_BYTES, instructions };
  return (socket) => set(socket, SOL_SOCKET, SO_ATTACH_FILTER, filter, koffi.sizeof(program)) === 0;
}

/** @returns the system's reason when a socket that listens on the port could not be restricted */
function restrict(port: number, by: Restriction): string | undefined {
  if (process.platform !== "linux") return `${process.platform} has no way to do so`;
  const sockets = listening(port);
  if (sockets.length === 0) return "its socket was not found";
  return sockets.every(by) ? undefined : `error ${koffi.errno()}`;
}

/** The file descriptors of this process's sockets that listen on a port. */
function listening(port: number): number[] {
  const LISTEN = "0A";
  const hexadecimal = port.toString(16).toUpperCase().padStart(4, "0");
  const inodes = ["tcp", "tcp6"].flatMap((table) =>
    readFileSync(`/proc/self/net/${table}`, "utf8")
      .split("\n")
      .map((line) => line.trim().split(/\s+/))
      .filter(([, local, , state]) => state === LISTEN && local?.endsWith(`:${hexadecimal}`))
      .map((columns) => `socket:[${columns[9]}]`),
  );
  return readdirSync("/proc/self/fd").flatMap((fd) => (inodes.includes(targetOf(fd)) ? [Number(fd)] : []));
}

/** The descriptor that lists the folder is closed when its turn comes. */
function targetOf(fd: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return "";
  }
}
