import { readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import type { LaunchError } from "../../lib/distributed";
import { allot } from "../../lib/distributed/devices";
import { Supervisor } from "../../lib/distributed/supervisor";
import { newFolder } from "../new-folder";

let logs: string;
beforeEach(() => {
  logs = newFolder();
});

/** A long timeout even for a busy machine; a fault must be found without it. */
const WATCHDOG = 5;

function supervise(name: string, data: unknown, { processes = 2, watchdog = WATCHDOG } = {}) {
  const pids = new Map<number, number>();
  const supervisor = new Supervisor({
    program: { module: resolve("test/launch/programs.ts"), name },
    data,
    allotment: allot(processes, "cpu", { gpus: 0, cores: 4 }),
    logs,
    watchdog,
    onTell: (rank, what) => pids.set(rank, (what as { pid: number }).pid),
  });
  return { supervisor, pids };
}

const isAlive = (pid: number) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

describe.each([2, 3, 4])("%i processes", (n) => {
  test("sums tensors in buckets inside a compiled step", async () => {
    const { supervisor } = supervise("sums", {}, { processes: n });
    const ranks = (n * (n - 1)) / 2;
    const row = (w: number) => [ranks * w, n * w, 2 * n * w, 1000 * ranks];
    expect(await supervisor.run()).toEqual({
      found: [
        [...row(1), 0],
        [...row(2), n],
        [...row(3), 2 * n],
      ],
      threads: String(Math.ceil(4 / n)),
    });
  });
});

/** The fault of rank 1 in step 5, and its error message. */
const FAULTS = {
  throw: "the stimulus has no frames",
  kill: "its process was killed (SIGKILL), as the system does when memory runs out (see `dmesg`): give a smaller batchSize or fewer devices",
  spin: "it has made no progress for 5 s, after step 5",
  wait: "it has made no progress for 5 s, after step 5",
  freeze: "its process or host has not answered for 8 s",
  memory: "training step: it needs 80 GB, of which 16 GB are there",
};

describe("a worker that fails ends all processes", () => {
  test.each(Object.entries(FAULTS))("%s", async (kind, message) => {
    const { supervisor, pids } = supervise(
      "steps",
      { rank: 1, step: 5, kind },
      kind === "freeze" ? { watchdog: 60 } : {},
    );
    const error = await supervisor.run().then(
      () => undefined,
      (e: LaunchError) => e,
    );
    const ended = Date.now();
    expect(error?.message.split("\n")[0]).toBe(`Rank 1 of 2 ended the training: ${message}`);
    expect(error?.message).toContain("  | step 4");
    expect(error?.rank).toBe(1);
    // The last line of its log is from the previous step.
    expect(ended - statSync(join(logs, "rank-1.log")).mtimeMs).toBeLessThan(15_000);
    expect([...pids.keys()].sort()).toEqual([0, 1]);
    expect([...pids.values()].filter(isAlive)).toEqual([]);
    expect(readFileSync(join(logs, "rank-0.log"), "utf8")).toContain("step 4");
  });
});

test.each([
  ["first", false],
  ["second", true],
])(
  "a process that computes before the first step of its %s training may take longer than the watchdog",
  async (_, again) => {
    const { supervisor } = supervise("loading", { seconds: 9, hangs: false, again }, { watchdog: 3 });
    expect(await supervisor.run()).toBe(2);
  },
);

test("a process that neither computes nor reads before its first step counts as hung", async () => {
  const { supervisor } = supervise("loading", { seconds: 0, hangs: true }, { watchdog: 3 });
  await expect(supervisor.run()).rejects.toThrow(
    "Rank 1 of 2 ended the training: it has made no progress for 3 s, after step 0",
  );
});

test("ends all processes at the same step on a request to stop, and receives rank 0's result", async () => {
  const { supervisor, pids } = supervise("steps", { rank: -1, step: 0, kind: "throw" });
  const running = supervisor.run();
  while (pids.size < 2) await new Promise((resolve) => setTimeout(resolve, 50));
  supervisor.stop("interrupted");
  const step = (await running) as number;
  expect(step).toBeGreaterThan(2);
  const last = [0, 1].map((rank) =>
    readFileSync(join(logs, `rank-${rank}.log`), "utf8")
      .trim()
      .split("\n")
      .at(-1),
  );
  expect(last).toEqual([`step ${step - 1}`, `step ${step - 1}`]);
  expect([...pids.values()].filter(isAlive)).toEqual([]);
});

describe("a rank that finishes first", () => {
  test("waits until all processes have ended, because they may still read from it", async () => {
    const { supervisor, pids } = supervise("uneven", { trouble: false });
    await supervisor.run();
    expect(isAlive(pids.get(1)!)).toBe(false);
  });

  test("does not wait when another process dies", async () => {
    const { supervisor } = supervise("uneven", { trouble: true });
    await expect(supervisor.run()).rejects.toThrow(`Rank 1 of 2 ended the training: ${FAULTS.kill}`);
  });
});
