import { expect, test } from "vitest";
import { joinParameters } from "../../../lib/cli/arguments";
import { summaryCsv, summaryTable } from "../../../lib/cli/sweeps/board";
import { nameOf } from "../../../lib/cli/sweeps/notebooks";
import { type Ending, exitCodeOf, NotStarted, type Outcome, runQueue } from "../../../lib/cli/sweeps/queue";

const outcome = (name: string, ending: Ending, more: Partial<Outcome> = {}): Outcome => ({
  name,
  ending,
  seconds: 1.25,
  attempts: 1,
  facts: {},
  ...more,
});
const JOBS = ["a", "b", "c", "d"].map((name) => ({ name }));

test("stops after a failure, unless keepGoing is set", async () => {
  const run = async ({ name }: { name: string }) => outcome(name, name === "b" ? "failed" : "completed");
  const endings = async (keepGoing: boolean) =>
    (await runQueue(JOBS, run, { keepGoing })).map(({ ending }) => ending);
  expect(await endings(false)).toEqual(["completed", "failed", "not run", "not run"]);
  expect(await endings(true)).toEqual(["completed", "failed", "completed", "completed"]);
});

test("runs the given number of jobs at a time, each in its own slot", async () => {
  const [slots, most] = [new Set<number>(), { count: 0, at: 0 }];
  await runQueue(
    JOBS,
    async ({ name }, slot) => {
      expect(slots.has(slot)).toBe(false);
      slots.add(slot);
      most.count = Math.max(most.count, slots.size);
      await new Promise((resolve) => setTimeout(resolve, 5));
      slots.delete(slot);
      return outcome(name, "completed");
    },
    { jobs: 2 },
  );
  expect(most.count).toBe(2);
});

test("stops when the cluster refuses a job, and keeps the outcomes of the others and the reason", async () => {
  const run = async ({ name }: { name: string }) => {
    if (name === "b") throw new NotStarted("no such partition");
    return outcome(name, "completed");
  };
  const outcomes = await runQueue(JOBS, run, { keepGoing: true });
  expect(outcomes.map(({ ending, problem }) => [ending, problem])).toEqual([
    ["completed", undefined],
    ["not run", "no such partition"],
    ["not run", undefined],
    ["not run", undefined],
  ]);
});

test("returns exit code 0 when all jobs are completed, 130 after an interrupt, otherwise 1", () => {
  expect(exitCodeOf([outcome("a", "completed"), outcome("b", "skipped")])).toBe(0);
  expect(exitCodeOf([outcome("a", "completed"), outcome("b", "failed")])).toBe(1);
  expect(exitCodeOf([outcome("a", "failed"), outcome("b", "interrupted")])).toBe(130);
  expect(exitCodeOf([outcome("a", "diverged"), outcome("b", "not run")])).toBe(1);
});

test("writes a summary with a row for each job and a column for each parameter and number", () => {
  const outcomes = [
    outcome("lr=1", "completed", { facts: { lr: "1", val_bps_overall: 0.5 } }),
    outcome("lr=2", "failed", { facts: { lr: "2" }, problem: 'cell 3:\n    say("no, thanks")' }),
  ];
  expect(summaryCsv(outcomes)).toBe(
    "run,ending,seconds,attempts,lr,val_bps_overall,problem\r\n" +
      "lr=1,completed,1.3,1,1,0.5,\r\n" +
      'lr=2,failed,1.3,1,2,,"cell 3:\n    say(""no, thanks"")"\r\n',
  );
  expect(String(summaryTable(outcomes))).toBe(
    "run   ending     time   lr  val_bps_overall\n" +
      "lr=1  completed  1.3 s  1   0.5000\n" +
      "lr=2  failed     1.3 s  2",
  );
});

test("names notebooks by their parameters, within the limits of file names", () => {
  expect(nameOf({ lr: "1e-3", seed: "2" })).toBe("lr=1e-3_seed=2");
  expect(nameOf({ path: "a/b", kind: "c d" })).toMatch(/^path=a-b_kind=c-d-[0-9a-f]{6}$/);
  expect(nameOf({ path: "a/b" })).not.toBe(nameOf({ path: "a:b" }));
  expect(nameOf({ list: "x".repeat(300) })).toHaveLength(117);
});

test("accepts a name and a value after -p, as papermill does, also a negative value", () => {
  expect(joinParameters(["run", "-p", "lr", "1e-3", "a.ipynb", "-p", "shift", "-3"])).toEqual([
    "run",
    "-p",
    "lr=1e-3",
    "a.ipynb",
    "-p",
    "shift=-3",
  ]);
  expect(joinParameters(["run", "-p", "lr=1", "a.ipynb"])).toEqual(["run", "-p", "lr=1", "a.ipynb"]);
});
