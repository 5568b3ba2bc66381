import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { type PreparedSession, simulateSessions } from "../../../lib/data";
import { responsesOnDevice } from "../../../lib/data/serving/device-budget";
import { HostReader } from "../../../lib/data/serving/host-reader";
import { MultiDatasetDM } from "../../../lib/data/serving/multi-dataset";
import { ResidentData } from "../../../lib/data/serving/resident";
import { sharedValues } from "../../../lib/data/shared-memory";
import { memory, tf } from "../../../lib/engine";
import { newFolder } from "../../new-folder";
import { bytesServed } from "./bytes-served";

const dir = newFolder();
const config = join(dir, "sessions.yaml");

beforeAll(async () => {
  await simulateSessions({ outDir: dir, sessions: 3, frames: 1000, units: 4, size: 11 });
  const sessions = ["luke_2031-03-01", "allen_2031-03-01", "milo_2031-03-01"];
  writeFileSync(
    config,
    JSON.stringify({ types: ["backimage"], sessions, keys_lags: { stim: [0, 1, 2, 3, 4] } }),
  );
});

/** Loads sessions whose responses have three types, and whose units have filters of their own. */
async function loaded(): Promise<MultiDatasetDM> {
  const data = await MultiDatasetDM.load(config);
  const [, large, fractions] = data.sessions as [PreparedSession, PreparedSession, PreparedSession];
  large.robs = Uint16Array.from(large.robs, (count) => 300 * count);
  fractions.robs = Float32Array.from(fractions.robs, (count) => count / 8 - 1);
  fractions.history = Uint8Array.from(fractions.robs, (_, i) => i % 5);
  large.dfsColumns = large.cids.length;
  large.dfs = Uint8Array.from(large.robs, (_, i) => Number(i % 3 > 0));
  return data;
}

/** Returns the bytes of all samples of a pass of training and one of validation, whose last batch is padded. */
async function served(deviceBudget?: number) {
  const data = await loaded();
  const before = memory().tensors;
  const how = { stim: true, historyLags: [3, 2, 1], limits: { deviceBudget } };
  const resident = new ResidentData(data.sessions, how);
  const request = { batchSize: 50, seed: 1, pass: 0 };
  const values = await bytesServed(resident, data.trainBatches(request), data.validationBatches(request));
  const responses = data.sessions.map(({ robs }) => robs);
  resident.dispose();
  expect(memory().tensors).toBe(before);
  return { values, responses };
}

test("serves the same responses, filters and history from the device and from host memory", async () => {
  const onDevice = await served();
  expect(new Set(onDevice.values).size).toBeGreaterThan(100);
  const [, largest] = onDevice.responses;
  const movies = (3 * 121 * largest!.length) / 4;
  // The budgets leave no data on the device, then half of the movies, all of them, and the largest responses besides.
  for (const budget of [0, movies / 2, movies, movies + 2 * largest!.byteLength])
    expect(await served(budget)).toEqual(onDevice);
});

test("places responses in the memory that movies leave, the largest first", () => {
  expect(responsesOnDevice([5, 9, 3], 0, {})).toEqual([true, true, true]);
  expect(responsesOnDevice([5, 9, 3], 100, { deviceBudget: 108 })).toEqual([true, false, true]);
  expect(responsesOnDevice([5, 9, 3], 100, { deviceBudget: 100 })).toEqual([false, false, false]);
  expect(responsesOnDevice([5, 9, 3], 0, { movieCache: 10 })).toEqual([false, false, false]);
});

test("gathers rows of a session with more than 4 GiB of responses", async () => {
  const [frames, columns] = [4200, 2 ** 18];
  // The system provides only the pages that are used.
  const values = new Float32Array(new SharedArrayBuffer(4 * frames * columns));
  values[frames * columns - 1] = 7;
  const table = { sessions: [{ values: sharedValues(values), columns }], width: columns, lags: [0] };
  const reader = new HostReader({ tables: [table] });
  const request = {
    session: Int32Array.of(0),
    frame: Int32Array.of(frames - 1),
    isPadding: Uint8Array.of(0),
  };
  const { rows } = await reader.read(request);
  const last = tf.tidy(() => tf.slice(tf.add(rows[0]!, 0), [0, 0, columns - 2], [1, 1, 2]).dataSync());
  expect([...last]).toEqual([0, 7]);
  await reader.close();
});

test("gathers batches of different lengths, and leaves the batch before unchanged", async () => {
  const values = Uint8Array.of(1, 2, 3, 4, 5, 6);
  const table = { sessions: [{ values: sharedValues(values), columns: 1 }], width: 1, lags: [0] };
  const reader = new HostReader({ tables: [table] });
  const read = async (...frames: number[]) => {
    const session = new Int32Array(frames.length);
    const isPadding = new Uint8Array(frames.length);
    const { rows } = await reader.read({ session, frame: Int32Array.from(frames), isPadding });
    return rows[0]!;
  };
  const valuesOf = (rows: tf.Tensor) => tf.tidy(() => [...tf.add(rows, 0).reshape([-1]).dataSync()]);
  const short = await read(0, 1);
  const long = await read(2, 3, 4);
  expect([valuesOf(short), valuesOf(long)]).toEqual([
    [1, 2],
    [3, 4, 5],
  ]);
  const next = await read(5, 0);
  expect([valuesOf(long), valuesOf(next)]).toEqual([
    [3, 4, 5],
    [6, 1],
  ]);
  await reader.close();
});
