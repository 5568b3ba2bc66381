import { createHash } from "node:crypto";
import { hostname } from "node:os";
import { ConfigError, type Problem } from "../base/config";
import { type Launcher, launcherOf, type Variables } from "./launchers";

/** The position of this process among those that train together. */
export interface ClusterEnvironment {
  readonly rank: number;
  readonly worldSize: number;
  /** The number of this process among those on its host. */
  readonly localRank: number;
  /** The number of processes on this host. */
  readonly localWorldSize: number;
  /** A text that differs between trainings on the same hosts, and is equal in all processes of one. */
  readonly job: string;
  /** The address and the port at which rank 0 should listen, if the user gave them (`MASTER_ADDR`, `MASTER_PORT`). */
  readonly address?: string;
  readonly port?: number;
  /** The host of rank 0, if the launcher names it. */
  readonly host?: string;
}

/**
 * Reads the position of this process from the variables of the launcher that started it.
 *
 * @returns undefined without such variables, or with only one process
 * @throws ConfigError for variables that are incomplete or contradict each other
 */
export function clusterEnvironment(variables: Variables): ClusterEnvironment | undefined {
  const launcher = launcherOf(variables);
  const place = launcher && placeOf(variables, launcher);
  return place && place.worldSize > 1 ? place : undefined;
}

/** Whether all processes are on one host. */
export const isLocal = ({
  worldSize,
  localWorldSize,
}: Pick<ClusterEnvironment, "worldSize" | "localWorldSize">): boolean => worldSize === localWorldSize;

/** Reads the position of this process from the variables of a launcher. @throws ConfigError as `clusterEnvironment` does */
export function placeOf(variables: Variables, launcher: Launcher): ClusterEnvironment {
  const { localRank, localWorldSize, ownsPort } = launcher;
  const least: Record<string, number> = { [launcher.rank]: 0, [launcher.worldSize]: 1, MASTER_PORT: 1 };
  if (localRank) least[localRank] = 0;
  if (typeof localWorldSize === "string") least[localWorldSize] = 1;
  const { numbers, problems } = wholeNumbers(variables, least);
  const [rank, worldSize] = [numbers[launcher.rank], numbers[launcher.worldSize]];
  problems.push(...missing(variables, launcher, problems));
  if (rank !== undefined && worldSize !== undefined && rank >= worldSize)
    problems.push({
      path: launcher.rank,
      message: `is ${rank}, but must be below ${launcher.worldSize}, which is ${worldSize}`,
    });
  if (problems.length > 0) throw new ConfigError("environment", problems);
  const { MASTER_ADDR: address } = variables;
  const port = numbers.MASTER_PORT;
  const host = launcher.host?.(variables);
  const onHost = typeof localWorldSize === "string" ? numbers[localWorldSize] : localWorldSize?.(variables);
  const place = {
    rank: rank!,
    worldSize: worldSize!,
    localWorldSize: onHost ?? 1,
    localRank: numbers[localRank ?? ""] ?? (launcher.rank === "RANK" ? rank! : 0),
    ...(ownsPort || address === undefined ? {} : { address }),
    ...(ownsPort || port === undefined ? {} : { port }),
    ...(host === undefined ? {} : { host }),
  };
  return { ...place, job: jobOf(variables, launcher, place) };
}

/** Returns the variables that are required and not set. */
function missing(variables: Variables, launcher: Launcher, known: readonly Problem[]): Problem[] {
  const byRank = launcher.rank === "RANK";
  const names = byRank
    ? ["RANK", "WORLD_SIZE", "MASTER_PORT", "MASTER_ADDR"]
    : [launcher.rank, launcher.worldSize];
  const message = byRank
    ? "is not set, but others of RANK, WORLD_SIZE, MASTER_ADDR, MASTER_PORT are; torchrun sets them all, and without any of them " +
      "`devices` starts the processes"
    : `is not set, but ${launcher.name} sets it (${launcher.source})`;
  return names
    .filter((name) => variables[name] === undefined && !known.some(({ path }) => path === name))
    .map((path) => ({ path, message }));
}

/**
 * Returns the text that identifies the training. Processes of one host may use its loopback, which every host has, so their text contains
 * the host's name.
 */
function jobOf(
  variables: Variables,
  { name, job }: Launcher,
  place: Omit<ClusterEnvironment, "job">,
): string {
  const own = job.map((variable) => variables[variable] ?? "");
  const host = isLocal(place) ? hostname() : (place.host ?? "");
  return [name, ...own, host].join(" ");
}

/** The ports of jobs without a `MASTER_PORT`: below the ports that Linux assigns automatically. */
const JOB_PORTS = { first: 20_000, count: 10_000 };

/** Returns a port that all processes compute from their job. */
export function portOf(job: string): number {
  return JOB_PORTS.first + (digestOf(job).readUInt32BE() % JOB_PORTS.count);
}

/** Returns a short name of a job that is a valid file name. */
export const fileNameOf = (job: string): string => digestOf(job).toString("hex", 0, 8);

const digestOf = (job: string) => createHash("sha256").update(job).digest();

function wholeNumbers(variables: Variables, least: Readonly<Record<string, number>>) {
  const problems: Problem[] = [];
  const numbers: Record<string, number> = {};
  for (const [key, smallest] of Object.entries(least)) {
    const text = variables[key];
    if (text === undefined) continue;
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= smallest) numbers[key] = value;
    else
      problems.push({
        path: key,
        message: `is ${JSON.stringify(text)}, but must be a whole number from ${smallest}`,
      });
  }
  return { numbers, problems };
}
