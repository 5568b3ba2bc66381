import { ConfigError } from "../base/config";
import { recordingOf } from "../data/find-recording";
import { movieShapes } from "../data/read-session";
import type { Division } from "../data/serving/sharded-order";
import type { SessionConfig } from "../data/session-schema";
import type { ClusterEnvironment } from "../distributed/cluster-environment";

/**
 * Divides sessions among the processes that train together, by their numbers of frames times units, which the headers of the recordings
 * give. All processes get the same result.
 *
 * @param dataDir the folder of the recordings
 * @throws ConfigError when there are fewer sessions than processes, or a recording is missing
 */
export async function divideSessions(
  configs: readonly SessionConfig[],
  { rank, worldSize }: Pick<ClusterEnvironment, "rank" | "worldSize">,
  dataDir?: string,
): Promise<Division> {
  if (configs.length < worldSize) {
    const message =
      `is "sessions", which gives each process sessions of its own, but ${worldSize} processes train and there are ${configs.length} ` +
      "sessions; start fewer processes, or leave it out";
    throw new ConfigError("loadExperiment", [{ path: "shard", message }]);
  }
  const sizes: number[] = [];
  for (const config of configs) {
    const movies = await movieShapes(recordingOf(config, dataDir), config.types);
    sizes.push(config.cids.length * movies.reduce((sum, { frames }) => sum + frames, 0));
  }
  return { rank, worldSize, owners: balanced(sizes, worldSize) };
}

/**
 * Assigns jobs to workers so that their loads are about equal: each job, from the largest on, goes to the worker with the least load
 * (longest processing time first, Graham 1969). Each worker gets at least one job if there are as many jobs as workers.
 *
 * @param sizes the size of each job, over 0
 * @returns the worker of each job, counted from 0; of workers with equal loads the first
 */
export function balanced(sizes: readonly number[], workers: number): number[] {
  const loads = new Array<number>(workers).fill(0);
  const workerOf = new Array<number>(sizes.length);
  const largestFirst = sizes.map((_, job) => job).sort((a, b) => sizes[b]! - sizes[a]! || a - b);
  for (const job of largestFirst) {
    const least = loads.indexOf(Math.min(...loads));
    workerOf[job] = least;
    loads[least]! += sizes[job]!;
  }
  return workerOf;
}
