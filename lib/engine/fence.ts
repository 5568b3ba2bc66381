import { lookup } from "node:dns/promises";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { networkInterfaces } from "node:os";
import koffi, { type TypeObject } from "koffi";
import { INSTRUCTION_BYTES, senderFilter } from "./packet-filter";
import { platform } from "./platform";

/*
 * TensorFlow's gRPC server listens on all interfaces of a host, without a password: the library does not let the address be chosen. The
 * system can restrict access to a socket that already listens: to one network interface (SO_BINDTODEVICE, socket(7)), or by a filter on
 * each packet's sender (SO_ATTACH_FILTER, https://docs.kernel.org/networking/filter.html). Neither needs privileges.
 */

/** The result of restricting access to this process's TensorFlow server. */
export interface Fence {
  /** A notice for the user; undefined when only this machine can reach the server. */
  readonly notice?: string;
  /** Whether the restriction failed, so that anyone who reaches the port may connect. */
  readonly failed: boolean;
}

/**
 * Restricts connections to this process's TensorFlow server to this machine when all processes run on it, else to the hosts of the
 * cluster. Call it as soon as the server listens.
 *
 * @param port the port of the server
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

/** Returns the distinct IP addresses of hosts. */
export async function addressesOf(hosts: readonly string[]): Promise<string[]> {
  const found = await Promise.all(hosts.map((host) => lookup(host, { all: true }).catch(() => [])));
  return [...new Set(found.flat().map(({ address }) => address))];
}

const ownAddresses = () =>
  new Set([
    "127.0.0.1",
    "127.0.1.1",
    "::1",
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

/** Accepts only packets from the loopback interface, which also carries connections to this machine's other addresses. */
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

/** Restricts the sockets that listen on a port. @returns the system's reason when that fails */
function restrict(port: number, by: Restriction): string | undefined {
  if (process.platform !== "linux") return `${process.platform} does not support it`;
  const sockets = listening(port);
  if (sockets.length === 0) return "its socket was not found";
  return sockets.every(by) ? undefined : `error ${koffi.errno()}`;
}

/** Returns the file descriptors of this process's sockets that listen on a port. */
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

/** Returns the target of a file descriptor. The descriptor that was used to list the folder is already closed. */
function targetOf(fd: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return "";
  }
}
