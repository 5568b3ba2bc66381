import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { ConfigError } from "../../lib/base/config";
import { Table } from "../../lib/base/jupyter/table";
import { positive } from "../../lib/cli/arguments";
import { packageRoot, runChild, SetupError } from "../../lib/cli/setup";
import { readTruth } from "../../lib/data";
import { evaluate, openRun } from "../../lib/evaluation";
import { rebuildTwin } from "../../lib/evaluation/report/rebuild";
import { exportTorch } from "../../lib/export";
import { gratingTuning, mostExcitingInputs, observe, trueModel } from "../../lib/insilico";
import { some } from "../../lib/insilico/observer";
import { twinOf } from "../../lib/twin/load-twin";
import type { Twin } from "../../lib/twin/twin";
import type { TwinModule } from "../../lib/twin/twin-module";
import { benchPython } from "../venv";
import { driveOf } from "./drive";
import { recovered, rounded } from "./truth";

interface Options {
  units: number;
  steps: number;
  pictures: number;
  mei?: string;
  torch: boolean;
}

/** The least share of the best possible bits per spike of a unit that is predicted well. */
const WELL = 0.6;

/** `npm run bench -- twin RUN`: experiments on a twin of simulated sessions, against the truth and against PyTorch. */
export function twinCommand(): Command {
  return new Command("twin")
    .description(
      "experiments on a twin of simulated sessions: recovery of the truth, and the time for most exciting inputs",
    )
    .argument("<run>", "the folder of a run on simulated sessions, such as runs/quickstart")
    .option("--units <n>", "the largest number of units whose inputs are found", positive, 100)
    .option("--steps <n>", "the number of steps of gradient ascent", positive, 150)
    .option("--pictures <n>", "the number of natural pictures that are compared with inputs", positive, 5000)
    .option("--mei <folder>", "a checkout of github.com/sinzlab/mei, to time its loop, too")
    .option("--no-torch", "measure gradbook only")
    .action(run);
}

async function run(folder: string, options: Options): Promise<void> {
  const rebuilt = await rebuildTwin(openRun(folder));
  const { model, recorded, twin: recordings, missing = [] } = rebuilt ?? {};
  if (!model || !recordings) {
    const message =
      missing.length > 0 ? `its recordings are not here: ${missing.join(", ")}` : "holds no twin";
    throw new ConfigError(folder, [{ path: "", message }]);
  }
  const twin = twinOf(recorded!, model, folder, { sharesModel: true });
  try {
    await measureTuning(twin, recordings);
    await measureInputs(twin, options);
  } finally {
    twin.dispose();
    recordings.dispose();
  }
}

/** Prints how well tuning recovers the truth, from the simulator's own units, and from the twin. */
async function measureTuning(twin: Twin, recordings: TwinModule): Promise<void> {
  const truth = (await Promise.all(recordings.sessions.map(readTruth))).flat();
  const scores = (await evaluate(recordings, { triggeredFrames: 0 })).units;
  const well = scores.flatMap(({ bitsPerSpike, bestPossible }, u) =>
    bitsPerSpike / bestPossible! >= WELL ? [u] : [],
  );
  const degrees = twin.view.pixelsPerDegree!;
  const [ofTruth, ofTwin] = [
    await gratingTuning(trueModel(truth, twin.view)),
    await gratingTuning(observe(twin)),
  ];
  const rows = [
    { of: "the simulator's units", ...recovered(ofTruth, truth, degrees) },
    { of: "the twin, all units", ...recovered(ofTwin, truth, degrees) },
    {
      of: "the twin, units predicted well",
      ...recovered(
        well.map((u) => ofTwin[u]!),
        well.map((u) => truth[u]!),
        degrees,
      ),
    },
  ];
  for (const row of rows) console.log(JSON.stringify({ bench: "twin", measure: "tuning", ...row }));
  console.error(`${new Table(rows, "recovery of the truth")}\n`);
}

/** Prints the time for most exciting inputs, and how they drive their units. */
async function measureInputs(twin: Twin, { units, steps, pictures, mei, torch }: Options): Promise<void> {
  const all = observe(twin);
  const count = Math.min(units, all.units.length);
  const observer = some(
    all,
    Array.from({ length: count }, (_, u) => u),
  );
  const [began, cpu] = [performance.now(), process.cpuUsage()];
  const inputs = await mostExcitingInputs(observer, { steps, seeds: 1 });
  const seconds = (performance.now() - began) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const mean = inputs.reduce((sum, { rate }) => sum + rate, 0) / count;
  const own = { seconds: rounded(seconds), cpu_s: rounded((user + system) / 1e6), mean_rate: rounded(mean) };
  const rows: Record<string, string | number>[] = [];
  /** Prints a row as soon as it is measured. */
  const add = (row: Record<string, string | number>) => {
    rows.push(row);
    console.log(JSON.stringify({ bench: "twin", measure: "inputs", units: count, steps, ...row }));
  };
  add({ engine: "gradbook", loop: "all units at once", ...own });
  if (torch) {
    const how = { count, steps };
    add({ engine: "torch", loop: "all units at once", ...(await ofTorch(twin, how)) });
    if (mei) add({ engine: "torch", loop: "mei package", ...(await ofTorch(twin, { ...how, mei })) });
  }
  const { lags, height, width } = twin.view;
  console.error(
    `${new Table(rows, `inputs of ${count} units, ${lags.length} × ${height} × ${width}, ${steps} steps`)}\n`,
  );
  const drive = { units: count, ...(await driveOf(observer, inputs, pictures)) };
  console.log(JSON.stringify({ bench: "twin", measure: "drive", ...drive }));
  console.error(String(new Table([drive], "rates for the inputs, and for the best picture and grating")));
}

/** Times the search for the same inputs in PyTorch, on the same model. @param how.mei a checkout of the package whose loop is used */
async function ofTorch(twin: Twin, how: { count: number; steps: number; mei?: string }) {
  const folder = mkdtempSync(join(tmpdir(), "gradbook-bench-"));
  try {
    exportTorch(twin, join(folder, "exported"));
    const { lags, height, width } = twin.view;
    const script = join(__dirname, "..", "peer", "exciting_inputs.py");
    const shape = [lags.length, height, width].join(",");
    const args = [script, "--model", folder, "--shape", shape, "--units", String(how.count)];
    args.push("--steps", String(how.steps), ...(how.mei ? ["--mei", how.mei] : []));
    const { code, output } = await runChild(await benchPython(), args, { cwd: packageRoot() });
    const line = output.split("\n").findLast((text) => text.startsWith("{"));
    if (code !== 0 || !line)
      throw new SetupError(`PyTorch's measurement failed: ${output.trim().split("\n").at(-1)}`);
    return JSON.parse(line) as { seconds: number; cpu_s: number; mean_rate: number };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
