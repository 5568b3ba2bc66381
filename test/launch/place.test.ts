import { spawnSync } from "node:child_process";
import { describe, expect, test, vi } from "vitest";
import { clusterEnvironment } from "../../lib/distributed/cluster-environment";
import { allot, thisMachine, visibleGpus } from "../../lib/distributed/devices";
import { firstHost, unknownLauncher } from "../../lib/distributed/launchers";
import { meetingOf } from "../../lib/distributed/meeting";
import { shareOf } from "../../lib/engine/context";

function messageOf(f: () => unknown): string {
  try {
    f();
  } catch (error) {
    return (error as Error).message;
  }
  return "nothing was thrown";
}

const TORCHRUN = {
  RANK: "3",
  WORLD_SIZE: "4",
  LOCAL_RANK: "1",
  LOCAL_WORLD_SIZE: "2",
  MASTER_ADDR: "node1",
  MASTER_PORT: "29500",
};

test("reads the cluster environment from torchrun's variables", () => {
  const place = { rank: 3, worldSize: 4, localRank: 1, localWorldSize: 2 };
  expect(clusterEnvironment(TORCHRUN)).toMatchObject({ ...place, address: "node1", port: 29_500 });
  // The port belongs to torchrun's agent.
  const agent = clusterEnvironment({ ...TORCHRUN, TORCHELASTIC_RUN_ID: "none" });
  expect(agent).toEqual({ ...place, host: "node1", job: "torchrun none node1 29500 node1" });
  expect(clusterEnvironment({})).toBeUndefined();
  expect(clusterEnvironment({ ...TORCHRUN, RANK: "0", WORLD_SIZE: "1" })).toBeUndefined();
});

test("names all incomplete and contradictory variables", () => {
  expect(messageOf(() => clusterEnvironment({ RANK: "4", WORLD_SIZE: "4", MASTER_PORT: "http" }))).toBe(
    [
      "environment:",
      '  - MASTER_PORT: is "http", but must be a whole number from 1',
      "  - MASTER_ADDR: is not set, but others of RANK, WORLD_SIZE, MASTER_ADDR, MASTER_PORT are; torchrun sets them all, and " +
        "without any of them `devices` starts the processes",
      "  - RANK: is 4, but must be below WORLD_SIZE, which is 4",
    ].join("\n"),
  );
});

describe("Open MPI", () => {
  const RANK = {
    OMPI_COMM_WORLD_RANK: "2",
    OMPI_COMM_WORLD_SIZE: "4",
    PMIX_NAMESPACE: "prterun-node1-7@1",
    OMPI_COMM_WORLD_LOCAL_RANK: "0",
    OMPI_COMM_WORLD_LOCAL_SIZE: "2",
  };

  test("reads the cluster environment from the variables of mpirun, also inside a step of SLURM", () => {
    const step = { SLURM_PROCID: "0", SLURM_STEP_NUM_TASKS: "2", SLURM_JOB_ID: "1" };
    const job = "Open MPI prterun-node1-7@1 ";
    expect(clusterEnvironment({ ...RANK, ...step })).toEqual({
      rank: 2,
      worldSize: 4,
      localRank: 0,
      localWorldSize: 2,
      job,
    });
  });

  test("needs the host of rank 0 where no file tells it", () => {
    const place = clusterEnvironment(RANK)!;
    expect(messageOf(() => meetingOf(place, "runs", "secret"))).toBe(
      "environment: MASTER_ADDR: is not set, but with GRADBOOK_KEY all processes need it: set it to the host of rank 0, or give no " +
        "GRADBOOK_KEY and let all hosts share the folder of the runs",
    );
    expect(meetingOf({ ...place, address: "node1" }, "runs", "secret")).toEqual({
      addresses: ["node1"],
      port: expect.any(Number),
      key: "secret",
    });
  });
});

describe("Kubernetes", () => {
  const POD = { JOB_COMPLETION_INDEX: "3", HOSTNAME: "twin-run-3", WORLD_SIZE: "4" };

  test("reads the cluster environment from the completion index and the name of the pod", () => {
    expect(clusterEnvironment(POD)).toMatchObject({ rank: 3, worldSize: 4, host: "twin-run-0.twin-run" });
    expect(clusterEnvironment({ ...POD, WORLD_SIZE: undefined })).toBeUndefined();
  });

  test("names a completion index that is not below the number of processes", () => {
    expect(messageOf(() => clusterEnvironment({ ...POD, WORLD_SIZE: "2" }))).toBe(
      "environment: JOB_COMPLETION_INDEX: is 3, but must be below WORLD_SIZE, which is 2",
    );
  });
});

test("counts the tasks of Flux on one of several nodes", () => {
  const task = { FLUX_JOB_SIZE: "7", FLUX_JOB_NNODES: "2", FLUX_TASK_RANK: "4", FLUX_TASK_LOCAL_ID: "0" };
  expect(clusterEnvironment({ ...task, FLUX_JOB_ID: "f1" })).toEqual({
    rank: 4,
    worldSize: 7,
    localRank: 0,
    localWorldSize: 4,
    job: "Flux f1 ",
  });
});

test("takes a step of SLURM on a machine with PALS for one of SLURM", () => {
  const cray = {
    PALS_RANKID: "1",
    PALS_LOCAL_RANKID: "0",
    PMI_RANK: "1",
    PMI_SIZE: "2",
    PMI_LOCAL_SIZE: "1",
  };
  const step = { SLURM_PROCID: "1", SLURM_STEP_NUM_TASKS: "2", SLURM_STEP_NODELIST: "n[1-2]" };
  expect(clusterEnvironment({ ...cray, ...step })).toMatchObject({ rank: 1, host: "n1" });
});

describe("an unknown launcher", () => {
  test("is named by its variables in a warning", () => {
    expect(unknownLauncher({ PMI_RANK: "1", PMI_SIZE: "4", HOME: "/root" })).toBe(
      "PMI_RANK, PMI_SIZE are set by a launcher that gradbook does not know, so this process trains alone. The known launchers are " +
        "torchrun, Open MPI, MPICH, Kubernetes, jsrun, Flux, SLURM, PALS; with another one, set RANK, WORLD_SIZE, MASTER_ADDR and MASTER_PORT for each process " +
        "(docs/clusters.md).",
    );
    expect(unknownLauncher({ PALS_RANKID: "0" })).toContain("PALS_RANKID is set by a launcher");
  });

  test.each([
    ["one process", { PMI_RANK: "0", PMI_SIZE: "1" }],
    ["a known launcher that sets such variables, too", { PMIX_RANK: "0", OMPI_COMM_WORLD_SIZE: "2" }],
    ["no launcher", { HOME: "/root" }],
  ])("is not assumed for %s", (_, variables) => {
    expect(unknownLauncher(variables)).toBeUndefined();
  });
});

describe("SLURM", () => {
  const STEP = {
    SLURM_PROCID: "5",
    SLURM_STEP_NUM_TASKS: "7",
    SLURM_LOCALID: "1",
    SLURM_JOB_ID: "1234567",
    SLURM_STEP_ID: "0",
  };
  const NODES = { SLURM_STEP_NODELIST: "gpu[03-04]", SLURM_STEP_TASKS_PER_NODE: "4,3", SLURM_NODEID: "1" };

  test("reads the cluster environment from a job step's variables", () => {
    expect(clusterEnvironment({ ...STEP, ...NODES })).toEqual({
      rank: 5,
      worldSize: 7,
      localRank: 1,
      localWorldSize: 3,
      host: "gpu03",
      job: "SLURM  1234567 0 gpu03",
    });
  });

  test("gives each step of a job its own file and port", () => {
    const meetings = ["0", "1"].map((step) => {
      const place = clusterEnvironment({ ...STEP, ...NODES, SLURM_STEP_ID: step })!;
      return [meetingOf(place, "runs", undefined).file, meetingOf(place, "runs", "secret").port];
    });
    expect(new Set(meetings.flat()).size).toBe(4);
    for (const [, port] of meetings) expect(port).toSatisfy((n: number) => n >= 20_000 && n < 30_000);
  });

  test("names a variable that a step lacks", () => {
    expect(messageOf(() => clusterEnvironment({ SLURM_STEP_NUM_TASKS: "2" }))).toBe(
      "environment: SLURM_PROCID: is not set, but SLURM sets it (https://slurm.schedmd.com/srun.html#SECTION_OUTPUT-ENVIRONMENT-VARIABLES)",
    );
  });

  test("trains a batch script, which is not a step, in one process", () => {
    expect(clusterEnvironment({ SLURM_PROCID: "0", SLURM_NTASKS: "7", SLURM_JOB_ID: "1" })).toBeUndefined();
  });

  test.each([
    ["gpu03", "gpu03"],
    ["gpu[03-05,9],login1", "gpu03"],
    ["a1,b2", "a1"],
    ["rack[1,3]-n,x", "rack1-n"],
  ])("the first host of %s is %s", (nodes, host) => {
    expect(firstHost(nodes)).toBe(host);
  });
});

describe("devices", () => {
  const none = { gpus: 0, cores: 8 };
  const four = { gpus: 4, cores: 8 };

  test("divides the cores among processes on CPUs, where auto is one process", () => {
    expect(allot(3, "auto", none).cores).toEqual([3, 3, 2]);
    expect(allot("auto", "auto", none)).toEqual({ accelerator: "cpu", gpus: [undefined], cores: [8] });
    expect(allot(3, "cpu", { gpus: 0, cores: 2 }).cores).toEqual([1, 1, 1]);
  });

  test("starts a process for each requested GPU", () => {
    expect(allot("auto", "auto", four).gpus).toEqual([0, 1, 2, 3]);
    expect(allot([1, 3], "gpu", four).gpus).toEqual([1, 3]);
    expect(allot(2, "cpu", four)).toEqual({
      accelerator: "cpu",
      gpus: [undefined, undefined],
      cores: [4, 4],
    });
  });

  test.each([
    [2, "gpu", none, "accelerator: is gpu, but nvidia-smi lists none on this machine; give cpu or auto"],
    [
      5,
      "auto",
      four,
      "devices: asks for GPU 4, but this machine has 4, numbered from 0; give fewer, or accelerator cpu",
    ],
    [
      [0, 1],
      "auto",
      none,
      "devices: names GPUs 0, 1, but this machine has none; give a number of processes instead",
    ],
  ] as const)("rejects %j on %s", (devices, accelerator, machine, message) => {
    expect(messageOf(() => allot(devices, accelerator, machine))).toBe(`Trainer: ${message}`);
  });
});

describe("the resources of a process that a launcher started", () => {
  test("uses the GPU of its local rank and, on CPUs, a part of the cores", () => {
    expect(shareOf(TORCHRUN, 8)).toEqual({
      CUDA_VISIBLE_DEVICES: "1",
      TF_NUM_INTRAOP_THREADS: "4",
      TF_NUM_INTEROP_THREADS: "4",
    });
    expect(shareOf({ ...TORCHRUN, CUDA_VISIBLE_DEVICES: "4,6" }, 8).CUDA_VISIBLE_DEVICES).toBe("6");
  });

  test("divides the cores among the processes of mpirun on this host", () => {
    const rank = { OMPI_COMM_WORLD_LOCAL_RANK: "3", OMPI_COMM_WORLD_LOCAL_SIZE: "4" };
    expect(shareOf(rank, 8)).toMatchObject({ CUDA_VISIBLE_DEVICES: "3", TF_NUM_INTRAOP_THREADS: "2" });
  });

  test("leaves existing settings and processes without a launcher unchanged", () => {
    expect(shareOf({ ...TORCHRUN, CUDA_VISIBLE_DEVICES: "6" }, 8).CUDA_VISIBLE_DEVICES).toBeUndefined();
    expect(shareOf({}, 8)).toEqual({});
  });
});

test.each([
  [0, "0,1", 0],
  [2, "0,1", 2],
  [2, "1", 1],
  [2, " 1, 0", 2],
  [2, "0,5,1", 1],
  [2, "-1", 0],
  [2, "", 0],
  [2, "GPU-8932f937,MIG-1", 2],
  [0, "GPU-8932f937", 0],
  [3, undefined, 3],
])("of %i GPUs, CUDA_VISIBLE_DEVICES=%j makes %i visible", (installed, visible, count) => {
  expect(visibleGpus(installed, visible)).toBe(count);
});

test.skipIf(spawnSync("nvidia-smi").status === 0)(
  "counts no GPU on a machine without one, though CUDA_VISIBLE_DEVICES names some",
  () => {
    vi.stubEnv("CUDA_VISIBLE_DEVICES", "0,1");
    expect(thisMachine().gpus).toBe(0);
    vi.unstubAllEnvs();
  },
);
