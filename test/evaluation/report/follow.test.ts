import { type ChildProcess, spawn } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Lock } from "../../../lib/base/files/lock";
import { followEvents } from "../../../lib/evaluation/report/follow";
import { openRun } from "../../../lib/evaluation/report/open-run";
import { type RecordedEvent, readEvents } from "../../../lib/protocols/events";
import { newFolder } from "../../new-folder";

let dir: string;
let folder: string;
let events: string;
let child: ChildProcess | undefined;
const warned: string[] = [];
beforeEach(() => {
  dir = newFolder();
  folder = join(dir, "run");
  events = join(folder, "events.jsonl");
  warned.length = 0;
  vi.spyOn(console, "warn").mockImplementation((text) => void warned.push(String(text)));
});
afterEach(() => {
  child?.kill("SIGKILL");
  vi.restoreAllMocks();
});

/** Starts or resumes a training in another process, and waits for its first step. */
async function start(): Promise<ChildProcess> {
  const parts = () => (existsSync(events) ? readFileSync(events, "utf8").split('"fit_start"') : [""]);
  const before = parts().length;
  child = spawn(process.execPath, ["--import", "tsx", "test/evaluation/report/followed.ts", dir], {
    stdio: "ignore",
  });
  while (parts().length === before || !parts().at(-1)!.includes('"step"')) await sleep(20);
  return child;
}

async function collect(
  source: AsyncIterable<RecordedEvent>,
  onEvent: (seen: RecordedEvent[]) => void = () => {},
) {
  const seen: RecordedEvent[] = [];
  for await (const event of source) {
    seen.push(event);
    onEvent(seen);
  }
  return seen;
}

const GONE = () =>
  `${folder}: the process that trained it is gone, and the run has not ended; resume it with \`resume: "auto"\``;

test("yields the past and new events of a run in another process, and ends with it", async () => {
  await start();
  const before = [...readEvents(events)].length;
  const seen = await collect(followEvents(folder));
  expect(seen).toEqual([...readEvents(events)]);
  expect(seen.length).toBeGreaterThan(before);
  expect(seen.at(-1)).toMatchObject({ event: "fit_end", stopped: "completed", step: 20 });
  expect(warned).toEqual([]);
});

test("reports that the process was killed, ends, and can follow the run again after it is resumed", async () => {
  const { pid } = await start();
  const seen = await collect(followEvents(folder), ({ length }) => {
    if (length === 4) process.kill(pid!, "SIGKILL");
  });
  expect(seen.at(-1)!.event).not.toBe("fit_end");
  expect(warned).toEqual([GONE()]);
  await start();
  const rest = await collect(followEvents(folder));
  expect(rest.filter(({ event }) => event === "fit_start")).toHaveLength(2);
  expect(rest.at(-1)).toMatchObject({ event: "fit_end", step: 20 });
});

test("continues when a resumed run rewrites the file, and yields no event twice", async () => {
  mkdirSync(folder);
  const line = (time: number, event: object) => `${JSON.stringify({ time, ...event })}\n`;
  const length = { name: "run", folder, parameters: 1, max_epochs: 1, steps_per_epoch: 3 };
  const step = (number: number) => ({ event: "step", epoch: 0, step: number, train_loss: number });
  const head = line(1, { event: "fit_start", ...length }) + line(2, step(1));
  // The last line is still incomplete.
  writeFileSync(events, head + line(3, step(2)) + line(4, step(3)).slice(0, 20));
  const lock = Lock.take(join(folder, "run.lock"), folder, "wait");
  const seen = await collect(followEvents(folder), (so_far) => {
    if (so_far.length === 3)
      setTimeout(() => {
        // A resumed run replaces the file, which then grows.
        writeFileSync(`${events}.tmp`, head + line(5, { event: "warning", message: "started again" }));
        renameSync(`${events}.tmp`, events);
        appendFileSync(events, line(6, { event: "fit_start", ...length, resumed: 1 }) + line(7, step(2)));
      }, 400);
    if (so_far.length === 6)
      appendFileSync(
        events,
        line(8, { event: "fit_end", epoch: 0, step: 2, stopped: "completed", seconds: 1 }),
      );
  });
  lock.release();
  expect(seen.map(({ time }) => time)).toEqual([1, 2, 3, 5, 6, 7, 8]);
});

test("ends on an abort and does not affect the training", async () => {
  const { pid } = await start();
  const abort = new AbortController();
  await collect(followEvents(folder, { signal: abort.signal }), () => abort.abort());
  expect(() => process.kill(pid!, 0)).not.toThrow();
  expect(warned).toEqual([]);
});

test("draws curves and a line below a cell during the run, and the interactive figure at the end", async () => {
  await start();
  const shown: { plot: string[]; line: string[] } = { plot: [], line: [] };
  const key = Symbol.for("gradbook.kernel");
  const display = ({ data }: { data: Record<string, unknown> }) => {
    const types = Object.keys(data);
    if (types.length === 1) shown.line.push(String(data["text/plain"]));
    else shown.plot.push(types.join(" "));
  };
  Object.assign(globalThis, { [key]: { display } });
  try {
    const run = await openRun(folder).follow();
    expect(run.stopped).toBe("completed");
    expect(run.history).toHaveLength(2);
  } finally {
    Object.assign(globalThis, { [key]: undefined });
  }
  expect(shown.plot.length).toBeGreaterThan(2);
  expect(shown.plot[0]).toContain("image/svg+xml");
  expect(shown.plot[0]).not.toContain("plotly");
  expect(shown.plot.at(-1)).toContain("plotly");
  expect(shown.line.at(-1)).toMatch(/^completed after 20 steps/);
});
