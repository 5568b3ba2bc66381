import { spawnSync } from "node:child_process";
import { describe, expect, test, vi } from "vitest";
import { clusterEnvironment, firstHost } from "../../lib/distributed/cluster-environment";
import { allot, thisMachine, visibleGpus } from "../../lib/distributed/devices";
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
  ...{ RANK: "3", WORLD_SIZE: "4", LOCAL_RANK: "1", LOCAL_WORLD_SIZE: "2" },
  ...{ MASTER_ADDR: "node1", MASTER_PORT: "29500" },
};

test("reads the cluster environment from torchrun's variables", () => {
  const place = { rank: 3, worldSize: 4, localRank: 1, localWorldSize: 2, address: "node1", port: 29_500 };
  expect(clusterEnvironment(TORCHRUN)).toEqual(place);
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

describe("SLURM", () => {
  const STEP = { SLURM_PROCID: "5", SLURM_STEP_NUM_TASKS: "7", SLURM_LOCALID: "1", SLURM_JOB_ID: "1234567" };

  test("reads the cluster environment from a job step's variables, with a port from the job's number", () => {
    const nodes = { SLURM_STEP_NODELIST: "gpu[03-04]", SLURM_STEP_TASKS_PER_NODE: "4,3", SLURM_NODEID: "1" };
    expect(clusterEnvironment({ ...STEP, ...nodes })).toEqual({
      ...{ rank: 5, worldSize: 7, localRank: 1, localWorldSize: 3 },
      ...{ address: "gpu03", port: 20_000 + 4567 },
    });
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
      ...{ CUDA_VISIBLE_DEVICES: "1", TF_NUM_INTRAOP_THREADS: "4", TF_NUM_INTEROP_THREADS: "4" },
    });
    expect(shareOf({ ...TORCHRUN, CUDA_VISIBLE_DEVICES: "4,6" }, 8).CUDA_VISIBLE_DEVICES).toBe("6");
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
