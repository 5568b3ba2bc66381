import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { readModel } from "../../bench/step/model-file";
import { planModel } from "../../lib/model/plan";
import { balanced } from "../../lib/twin/divide-sessions";

const page = readFileSync("docs/clusters.md", "utf8").replace(/\s+/g, " ");
const words = (value: number) => value.toLocaleString("en");
const [SESSIONS, UNITS, PROCESSES, HEIGHT, WIDTH] = [200, 8000, 64, 144, 256];

test("the sizes of the model on the page are those of the code", () => {
  const { bench, model } = readModel("10x8000");
  const units = Array<number>(SESSIONS).fill(UNITS);
  const { weights } = planModel(
    model,
    { lags: bench.lags, height: HEIGHT, width: WIDTH, units },
    "units.yaml",
  );
  const bytes = (session: number | undefined) =>
    weights
      .filter((weight) => (weight.trained ?? true) && weight.session === session)
      .reduce((sum, { shape }) => sum + 4 * shape.reduce((a, b) => a * b, 1), 0);
  const [core, readout] = [bytes(undefined), bytes(0)];
  expect(page).toContain(`its core has ${words(core)} bytes`);
  expect(page).toContain(`${readout / UNITS} bytes for each unit, ${words(readout)} bytes`);
  expect(page).toContain(
    `${words(core)} + ${SESSIONS} × ${words(readout)} = ${words(core + SESSIONS * readout)} bytes | ${words(core)} bytes |`,
  );
  expect(page).toContain(
    `4 × ${((SESSIONS * readout) / 1e6).toFixed(1)} MB = ${Math.round((4 * SESSIONS * readout) / 1e6)} MB`,
  );
  expect(page).toContain(`16 × 1.184 MB = ${((16 * readout) / 1e6).toFixed(1)} MB`);
  const ring = (2 * (PROCESSES - 1)) / PROCESSES;
  expect(page).toContain(
    `${Math.round((ring * (core + SESSIONS * readout)) / 1e6)} MB | ${Math.round((ring * core) / 1e3)} kB`,
  );
  expect(page).toContain(
    `32 × ${bench.lags} × ${words(HEIGHT * WIDTH)} bytes = ${((32 * bench.lags * HEIGHT * WIDTH) / 1e6).toFixed(1)} MB`,
  );
  const frames = 50e9 / (HEIGHT * WIDTH + UNITS);
  expect(page).toContain(
    `${(frames / 1e6).toFixed(2)} million frames, ${(frames / 30 / 3600).toFixed(1)} hours`,
  );
  expect(page).toContain(
    `${((4 * frames * UNITS) / 1e9).toFixed(1)} GB; a machine with 25 sessions ${Math.round((25 * frames * UNITS) / 1e9)} GB`,
  );
});

test("200 equal sessions are divided among 64 processes as the page says", () => {
  const owners = balanced(Array<number>(SESSIONS).fill(1), PROCESSES);
  const counts = Array.from(
    { length: PROCESSES },
    (_, rank) => owners.filter((owner) => owner === rank).length,
  );
  const having = (sessions: number) => counts.filter((count) => count === sessions).length;
  expect(page).toContain(`are 3 for ${having(3)} of them and 4 for the other ${having(4)}`);
});
