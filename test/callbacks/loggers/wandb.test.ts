import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { beforeAll, beforeEach, expect, test } from "vitest";
import { WandbOfflineLogger } from "../../../lib/callbacks/loggers/wandb";
import { ModelCheckpoint } from "../../../lib/callbacks/model-checkpoint";
import { Progress, packageRoot, setUp } from "../../../lib/cli/setup";
import { pinnedVenvStep, pythonOf } from "../../../lib/cli/setup/stamped-venv";
import { Trainer } from "../../../lib/trainer/trainer";
import { newFolder } from "../../new-folder";
import { Toy } from "../../trainer/toy";

const VENV = join(packageRoot(), ".venv-wandb");
let dir: string;

beforeAll(async () => {
  const requirements = "requirements-wandb.txt";
  const title = "wandb in .venv-wandb";
  const step = pinnedVenvStep({ title, venv: VENV, requirements, bytes: 1e8, env: process.env });
  await setUp([step], new Progress(process.stderr));
}, 600_000);
beforeEach(() => {
  dir = newFolder();
});

interface Items {
  key: string;
  value_json: string;
}
type Record = { [kind: string]: { [field: string]: unknown; item?: Items[]; update?: Items[] } };

const valuesOf = (items: readonly Items[] = []) =>
  Object.fromEntries(items.map(({ key, value_json }) => [key, JSON.parse(value_json)]));

/** Returns the offline runs of a run's folder in order, as wandb's own reader reads them. */
function offlineRuns(run: string): Record[][] {
  const script = resolve("test/callbacks/loggers/wandb_records.py");
  return readdirSync(join(run, "wandb"))
    .sort()
    .map((name) => {
      const file = join(run, "wandb", name, `run-${name.slice(-8)}.wandb`);
      const text = execFileSync(pythonOf(VENV), ["-I", script, file], { encoding: "utf8", maxBuffer: 1e8 });
      return JSON.parse(text) as Record[];
    });
}

const kindsOf = (records: readonly Record[]) =>
  records.map((record) => Object.keys(record).find((key) => key !== "num"));

test("writes settings, a row for each step, the last values and the exit status, which wandb's reader reads", async () => {
  const logger = new WandbOfflineLogger({ project: "twins", tags: ["short"] });
  const options = { name: "demo", dir, maxEpochs: 2, stepsPerEpoch: 2, callbacks: [logger] };
  await new Trainer(options).fit(new Toy());
  const [records] = offlineRuns(join(dir, "demo"));
  const kinds = kindsOf(records!);
  expect(kinds.slice(0, 2)).toEqual(["header", "run"]);
  expect(kinds.slice(-2)).toEqual(["summary", "exit"]);
  const { run } = records![1]!;
  expect(run).toMatchObject({ project: "twins", display_name: "demo", tags: ["short"] });
  const config = (run!.config as { update: Items[] }).update;
  expect(valuesOf(config)).toMatchObject({ "trainer.maxEpochs": 2 });
  const rows = records!.flatMap(({ history }) => (history ? [valuesOf(history.item)] : []));
  const steps = rows.map((row) => row._step);
  expect(steps).toEqual([...new Set(steps)]);
  expect(rows.at(-1)).toMatchObject({ _step: 4, epoch: 1, val_loss: expect.any(Number) });
  const summary = valuesOf(records!.at(-2)!.summary!.update);
  expect(summary.val_loss).toBe(rows.at(-1)!.val_loss);
  // Protobuf leaves out the exit code 0.
  expect(records!.at(-1)!.exit!.exit_code ?? 0).toBe(0);
});

test("a resumed run keeps its id; an overwritten run leaves no old records", async () => {
  const options = { name: "again", dir, stepsPerEpoch: 2, callbacks: [new ModelCheckpoint({})] };
  const train = (more: object) =>
    new Trainer({ ...options, callbacks: [...options.callbacks, new WandbOfflineLogger()], ...more }).fit(
      new Toy(),
    );
  await train({ maxEpochs: 1 });
  await new Promise((resolve) => setTimeout(resolve, 1000));
  await train({ maxEpochs: 2, resume: "last" });
  const [first, second] = offlineRuns(join(dir, "again"));
  const runOf = (records: readonly Record[]) => records[1]!.run!;
  expect(runOf(second!).run_id).toBe(runOf(first!).run_id);
  expect(runOf(second!)).toMatchObject({ resumed: true });
  await train({ maxEpochs: 1, overwrite: true });
  expect(offlineRuns(join(dir, "again"))).toHaveLength(1);
});
