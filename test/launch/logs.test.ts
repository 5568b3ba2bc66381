import { mkdirSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test, vi } from "vitest";
import { allot } from "../../lib/distributed/devices";
import { logOf, RankLog } from "../../lib/distributed/logs";
import { Supervisor } from "../../lib/distributed/supervisor";
import { newFolder } from "../new-folder";

/** A device on which writing fails as on a full disk. */
const FULL = "/dev/full";
const ENOSPC = "ENOSPC: no space left on device, write";

test("a full disk loses lines of a rank's log, with one warning", () => {
  const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
  const log = new RankLog(FULL);
  for (const line of ["one\n", "two\n", "three\n"]) log.write(line);
  log.close();
  expect(warn.mock.calls).toEqual([[`${FULL}: lines are lost (${ENOSPC})`]]);
  warn.mockRestore();
});

const supervisor = (logs: string) =>
  new Supervisor({
    program: { module: resolve("test/launch/programs.ts"), name: "sums" },
    data: {},
    allotment: allot(2, "cpu", { gpus: 0, cores: 2 }),
    logs,
    watchdog: 60,
  });

test("reports a full disk before it starts processes", async () => {
  const logs = newFolder();
  symlinkSync(FULL, join(logs, "job.json"));
  await expect(supervisor(logs).run()).rejects.toThrow(
    `${logs}: cannot be written (${ENOSPC}); free some space, or give a folder that you may write`,
  );
});

test("reports the folder in which a log cannot be created", async () => {
  const logs = newFolder();
  for (const rank of [0, 1]) mkdirSync(logOf(logs, rank));
  await expect(supervisor(logs).run()).rejects.toThrow(
    `${logs}: cannot be written (EISDIR: illegal operation on a directory, open '${logOf(logs, 0)}'); free some space, or give a folder that you may write`,
  );
});
