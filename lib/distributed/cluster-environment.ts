import { ConfigError, type Problem } from "../base/config";

/** The position of this process among those that train together. */
export interface ClusterEnvironment {
  readonly rank: number;
  readonly worldSize: number;
  /** The number of this process among those on its host. */
  readonly localRank: number;
  /** The number of processes on this host. */
  readonly localWorldSize: number;
  /** The address at which rank 0 (or the process that started all) listens for the others. */
  readonly address: string;
  readonly port: number;
}

/** The ports of SLURM jobs without a `MASTER_PORT`: below the ports that Linux assigns automatically. */
const SLURM_PORTS = { first: 20_000, count: 10_000 };

/**
 * Reads the place from the environment: torchrun's variables (`RANK`, `WORLD_SIZE`, `LOCAL_RANK`, `MASTER_ADDR`, `MASTER_PORT`),
 * or those of a SLURM job step (`srun`).
 *
 * @returns undefined without these variables, or with only one process
 * @throws ConfigError for variables that are incomplete or contradict each other
 */
export function clusterEnvironment(environment: NodeJS.ProcessEnv): ClusterEnvironment | undefined {
  if (environment.RANK !== undefined || environment.WORLD_SIZE !== undefined) {
    const place = fromTorchrun(environment);
    return place.worldSize > 1 ? place : undefined;
  }
  return Number(environment.SLURM_STEP_NUM_TASKS ?? 1) > 1 ? fromSlurm(environment) : undefined;
}

/** Reads the place from torchrun's variables. @throws ConfigError for variables that are incomplete or contradict each other */
export function fromTorchrun(environment: NodeJS.ProcessEnv): ClusterEnvironment {
  const { numbers, problems } = wholeNumbers(environment, {
    RANK: 0,
    WORLD_SIZE: 1,
    LOCAL_RANK: 0,
    LOCAL_WORLD_SIZE: 1,
    MASTER_PORT: 1,
  });
  const { RANK, WORLD_SIZE, LOCAL_RANK = RANK, LOCAL_WORLD_SIZE, MASTER_PORT } = numbers;
  const { MASTER_ADDR } = environment;
  for (const [path, value] of Object.entries({ RANK, WORLD_SIZE, MASTER_PORT, MASTER_ADDR })) {
    if (value !== undefined || problems.some((problem) => problem.path === path)) continue;
    problems.push({
      path,
      message:
        "is not set, but others of RANK, WORLD_SIZE, MASTER_ADDR, MASTER_PORT are; torchrun sets them all, and without any of them " +
        "`devices` starts the processes",
    });
  }
  if (RANK !== undefined && WORLD_SIZE !== undefined && RANK >= WORLD_SIZE)
    problems.push({
      path: "RANK",
      message: `is ${RANK}, but must be below WORLD_SIZE, which is ${WORLD_SIZE}`,
    });
  if (problems.length > 0) throw new ConfigError("environment", problems);
  return {
    rank: RANK!,
    worldSize: WORLD_SIZE!,
    localRank: LOCAL_RANK!,
    localWorldSize: LOCAL_WORLD_SIZE ?? 1,
    address: MASTER_ADDR!,
    port: MASTER_PORT!,
  };
}

function fromSlurm(environment: NodeJS.ProcessEnv): ClusterEnvironment {
  const { numbers, problems } = wholeNumbers(environment, {
    SLURM_PROCID: 0,
    SLURM_STEP_NUM_TASKS: 1,
    SLURM_LOCALID: 0,
    SLURM_JOB_ID: 0,
    MASTER_PORT: 1,
  });
  const nodes = environment.SLURM_STEP_NODELIST ?? environment.SLURM_JOB_NODELIST;
  const address = environment.MASTER_ADDR ?? (nodes === undefined ? undefined : firstHost(nodes));
  const { SLURM_PROCID, SLURM_STEP_NUM_TASKS, SLURM_LOCALID, SLURM_JOB_ID = 0, MASTER_PORT } = numbers;
  if (SLURM_PROCID === undefined)
    problems.push({ path: "SLURM_PROCID", message: "is not set; srun sets it" });
  if (address === undefined)
    problems.push({ path: "SLURM_STEP_NODELIST", message: "is not set; srun sets it, or set MASTER_ADDR" });
  if (problems.length > 0) throw new ConfigError("environment", problems);
  return {
    rank: SLURM_PROCID!,
    worldSize: SLURM_STEP_NUM_TASKS!,
    localRank: SLURM_LOCALID ?? 0,
    localWorldSize: tasksOfNode(environment),
    address: address!,
    port: MASTER_PORT ?? SLURM_PORTS.first + (SLURM_JOB_ID % SLURM_PORTS.count),
  };
}

/** Returns the first host of SLURM's compact list: `gpu[03-05,9],login1` → `gpu03`. */
export function firstHost(nodes: string): string {
  const [, prefix = "", numbers, suffix = ""] = /^([^,[]*)(?:\[([^\],-]+)[^\]]*\])?([^,]*)/.exec(nodes)!;
  return prefix + (numbers ?? "") + suffix;
}

/**
 * Returns the number of tasks on this node. For example, `4(x2),3` in `SLURM_STEP_TASKS_PER_NODE` means four tasks on the first two nodes
 * and three on the third.
 */
function tasksOfNode(environment: NodeJS.ProcessEnv): number {
  const each = (environment.SLURM_STEP_TASKS_PER_NODE ?? "").split(",").flatMap((part) => {
    const [, tasks, times = "1"] = /^(\d+)(?:\(x(\d+)\))?$/.exec(part) ?? [];
    return tasks === undefined ? [] : Array<number>(Number(times)).fill(Number(tasks));
  });
  return each[Number(environment.SLURM_NODEID ?? 0)] ?? 1;
}

function wholeNumbers<K extends string>(environment: NodeJS.ProcessEnv, least: Record<K, number>) {
  const problems: Problem[] = [];
  const numbers: Partial<Record<K, number>> = {};
  for (const key of Object.keys(least) as K[]) {
    const text = environment[key];
    if (text === undefined) continue;
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least[key]) numbers[key] = value;
    else
      problems.push({
        path: key,
        message: `is ${JSON.stringify(text)}, but must be a whole number from ${least[key]}`,
      });
  }
  return { numbers, problems };
}
