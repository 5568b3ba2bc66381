/** Environment variables of a process. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** A program that starts the processes of a training, and the variables by which it describes each process. */
export interface Launcher {
  readonly name: string;
  /** The page that documents the variables. */
  readonly source: string;
  /** Whether the launcher started a process with these variables. */
  started(variables: Variables): boolean;
  readonly rank: string;
  readonly worldSize: string;
  /** The number of the process on its host. Default: 0. */
  readonly localRank?: string;
  /** The number of processes on this host: a variable, or a function of the variables. Default: 1. */
  readonly localWorldSize?: string | ((variables: Variables) => number);
  /** The variables that together differ between two trainings of the same hosts, and are equal in all processes of one. */
  readonly job: readonly string[];
  /** Returns the host of rank 0, if the variables name it. */
  host?(variables: Variables): string | undefined;
  /** Whether `MASTER_ADDR` and `MASTER_PORT` belong to the launcher's own server. Default: rank 0 listens there. */
  readonly ownsPort?: boolean;
}

const TORCHRUN: Launcher = {
  name: "torchrun",
  source: "https://docs.pytorch.org/docs/stable/elastic/run.html#environment-variables",
  started: ({ TORCHELASTIC_RUN_ID }) => TORCHELASTIC_RUN_ID !== undefined,
  rank: "RANK",
  worldSize: "WORLD_SIZE",
  localRank: "LOCAL_RANK",
  localWorldSize: "LOCAL_WORLD_SIZE",
  job: ["TORCHELASTIC_RUN_ID", "MASTER_ADDR", "MASTER_PORT"],
  // "The FQDN of the host that is running worker with rank 0."
  host: ({ MASTER_ADDR }) => MASTER_ADDR,
  ownsPort: true,
};

/** A script that starts each process with torchrun's variables, for example over ssh. */
export const BY_HAND: Launcher = {
  name: "RANK and WORLD_SIZE",
  source: TORCHRUN.source,
  started: ({ RANK, WORLD_SIZE, JOB_COMPLETION_INDEX }) =>
    RANK !== undefined || (WORLD_SIZE !== undefined && JOB_COMPLETION_INDEX === undefined),
  rank: "RANK",
  worldSize: "WORLD_SIZE",
  localRank: "LOCAL_RANK",
  localWorldSize: "LOCAL_WORLD_SIZE",
  job: ["MASTER_ADDR", "MASTER_PORT"],
};

/** `mpirun`, also in jobs of PBS and LSF. */
const OPEN_MPI: Launcher = {
  name: "Open MPI",
  source: "https://docs.open-mpi.org/en/main/tuning-apps/environment-var.html",
  started: ({ OMPI_COMM_WORLD_SIZE }) => OMPI_COMM_WORLD_SIZE !== undefined,
  rank: "OMPI_COMM_WORLD_RANK",
  worldSize: "OMPI_COMM_WORLD_SIZE",
  localRank: "OMPI_COMM_WORLD_LOCAL_RANK",
  localWorldSize: "OMPI_COMM_WORLD_LOCAL_SIZE",
  job: ["PMIX_NAMESPACE"],
};

/** `mpiexec` of MPICH, Intel MPI and others with the process manager Hydra, which names no job. */
const HYDRA: Launcher = {
  name: "MPICH",
  source: "https://github.com/pmodels/mpich/blob/main/src/pm/hydra/proxy/pmip_cb.c",
  started: ({ MPI_LOCALNRANKS, PMI_SIZE }) => MPI_LOCALNRANKS !== undefined && PMI_SIZE !== undefined,
  rank: "PMI_RANK",
  worldSize: "PMI_SIZE",
  localRank: "MPI_LOCALRANKID",
  localWorldSize: "MPI_LOCALNRANKS",
  job: ["PBS_JOBID", "LSB_JOBID", "SLURM_JOB_ID", "MASTER_PORT"],
};

/** `jsrun`, the launcher of LSF's job step manager. */
const JSRUN: Launcher = {
  name: "jsrun",
  source:
    "https://lightning.ai/docs/pytorch/stable/api/pytorch_lightning.plugins.environments.LSFEnvironment.html",
  started: ({ JSM_NAMESPACE_SIZE }) => JSM_NAMESPACE_SIZE !== undefined,
  rank: "JSM_NAMESPACE_RANK",
  worldSize: "JSM_NAMESPACE_SIZE",
  localRank: "JSM_NAMESPACE_LOCAL_RANK",
  localWorldSize: "JSM_NAMESPACE_LOCAL_SIZE",
  job: ["LSB_JOBID", "PMIX_NAMESPACE"],
};

/** `flux run`. The tasks are divided evenly among the nodes, or the last node has fewer. */
const FLUX: Launcher = {
  name: "Flux",
  source: "https://flux-framework.readthedocs.io/projects/flux-core/en/latest/man7/flux-environment.html",
  started: ({ FLUX_JOB_SIZE }) => FLUX_JOB_SIZE !== undefined,
  rank: "FLUX_TASK_RANK",
  worldSize: "FLUX_JOB_SIZE",
  localRank: "FLUX_TASK_LOCAL_ID",
  localWorldSize: ({ FLUX_JOB_SIZE, FLUX_JOB_NNODES }) =>
    Math.ceil(Number(FLUX_JOB_SIZE) / Number(FLUX_JOB_NNODES ?? 1)),
  job: ["FLUX_JOB_ID"],
};

/** An indexed job with a headless service of the job's name. Its manifest sets `WORLD_SIZE` to the number of completions. */
const KUBERNETES: Launcher = {
  name: "Kubernetes",
  source: "https://kubernetes.io/docs/tasks/job/job-with-pod-to-pod-communication/",
  started: ({ JOB_COMPLETION_INDEX, WORLD_SIZE }) =>
    JOB_COMPLETION_INDEX !== undefined && WORLD_SIZE !== undefined,
  rank: "JOB_COMPLETION_INDEX",
  worldSize: "WORLD_SIZE",
  job: ["WORLD_SIZE"],
  host({ HOSTNAME, JOB_COMPLETION_INDEX }) {
    const suffix = `-${JOB_COMPLETION_INDEX}`;
    if (!HOSTNAME?.endsWith(suffix)) return undefined;
    const job = HOSTNAME.slice(0, -suffix.length);
    return `${job}-0.${job}`;
  },
};

/** A job step. A batch script outside of a step has the variables of the job only. */
const SLURM: Launcher = {
  name: "SLURM",
  source: "https://slurm.schedmd.com/srun.html#SECTION_OUTPUT-ENVIRONMENT-VARIABLES",
  started: ({ SLURM_STEP_NUM_TASKS = "1" }) => SLURM_STEP_NUM_TASKS !== "1",
  rank: "SLURM_PROCID",
  worldSize: "SLURM_STEP_NUM_TASKS",
  localRank: "SLURM_LOCALID",
  localWorldSize: tasksOfNode,
  job: ["SLURM_CLUSTER_NAME", "SLURM_JOB_ID", "SLURM_STEP_ID"],
  host({ SLURM_STEP_NODELIST, SLURM_JOB_NODELIST }) {
    const nodes = SLURM_STEP_NODELIST ?? SLURM_JOB_NODELIST;
    return nodes === undefined ? undefined : firstHost(nodes);
  },
};

/**
 * `mpiexec` of HPE's launcher PALS in jobs of PBS. The number of processes comes from its default interface, Cray PMI. It comes after SLURM and
 * Flux, which set the same variables on such machines.
 */
const PALS: Launcher = {
  name: "PALS",
  source: "https://github.com/SchedMD/slurm/blob/master/src/plugins/mpi/cray_shasta/mpi_cray_shasta.c",
  started: ({ PALS_RANKID, PMI_SIZE }) => PALS_RANKID !== undefined && PMI_SIZE !== undefined,
  rank: "PALS_RANKID",
  worldSize: "PMI_SIZE",
  localRank: "PALS_LOCAL_RANKID",
  localWorldSize: "PMI_LOCAL_SIZE",
  job: ["PBS_JOBID", "PALS_APID"],
};

/**
 * The known launchers. The first one that started the process counts: a launcher inside another one comes first. Steps of SLURM and tasks of
 * Flux start the daemons of `mpirun` and of Hydra.
 */
export const LAUNCHERS: readonly Launcher[] = [
  TORCHRUN,
  BY_HAND,
  OPEN_MPI,
  HYDRA,
  KUBERNETES,
  JSRUN,
  FLUX,
  SLURM,
  PALS,
];

/** Returns the launcher that started this process, if it is a known one. */
export const launcherOf = (variables: Variables): Launcher | undefined =>
  LAUNCHERS.find(({ started }) => started(variables));

/** Returns the first host of SLURM's compact list: `gpu[03-05,9],login1` → `gpu03`. */
export function firstHost(nodes: string): string {
  const [, prefix = "", numbers, suffix = ""] = /^([^,[]*)(?:\[([^\],-]+)[^\]]*\])?([^,]*)/.exec(nodes)!;
  return prefix + (numbers ?? "") + suffix;
}

/**
 * Returns the number of tasks on this node. For example, `4(x2),3` in `SLURM_STEP_TASKS_PER_NODE` means four tasks on the first two nodes
 * and three on the third.
 */
function tasksOfNode({ SLURM_STEP_TASKS_PER_NODE = "", SLURM_NODEID = "0" }: Variables): number {
  const each = SLURM_STEP_TASKS_PER_NODE.split(",").flatMap((part) => {
    const [, tasks, times = "1"] = /^(\d+)(?:\(x(\d+)\))?$/.exec(part) ?? [];
    return tasks === undefined ? [] : Array<number>(Number(times)).fill(Number(tasks));
  });
  return each[Number(SLURM_NODEID)] ?? 1;
}

/** The ranks and numbers of processes that launchers set which gradbook does not know. */
const FOREIGN =
  /^(PALS_RANKID|ALPS_APP_PE|PMIX?_(RANK|SIZE)|MV2_COMM_WORLD_(RANK|SIZE)|JSM_NAMESPACE_(RANK|SIZE)|FLUX_(TASK_RANK|JOB_SIZE)|MPI_LOCALRANKID|HYDRA_RANK)$/;
const SIZE = /SIZE$/;

/**
 * Returns a warning when an unknown launcher started this process together with others: without it, each of them would train
 * independently, which looks like one training until they write into the same folder.
 */
export function unknownLauncher(variables: Variables): string | undefined {
  if (launcherOf(variables)) return undefined;
  const names = Object.keys(variables).filter((name) => FOREIGN.test(name));
  const alone = names.some((name) => SIZE.test(name) && variables[name] === "1");
  if (names.length === 0 || alone) return undefined;
  const known = LAUNCHERS.filter(({ name }) => name !== BY_HAND.name).map(({ name }) => name);
  return (
    `${names.sort().join(", ")} ${names.length > 1 ? "are" : "is"} set by a launcher that gradbook does not know, so this process trains alone. ` +
    `The known launchers are ${known.join(", ")}; with another one, set RANK, WORLD_SIZE, MASTER_ADDR and MASTER_PORT for each process ` +
    "(docs/clusters.md)."
  );
}
