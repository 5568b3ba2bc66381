import { Command, InvalidArgumentError, Option } from "commander";
import { notOneOf } from "../../lib/base/config";
import { findTensorFlow } from "../../lib/engine/library";
import { isInterrupted } from "../interrupt";
import { benchPython } from "../venv";
import { jobsOfRound, MODES, type Mode, parseModes } from "./jobs";
import { measure } from "./measure";
import { ALL_SIZES, type Bench, readModel, SIZES, type Size, UNITS } from "./model-file";
import { ratiosOf } from "./ratios";
import { isPeak, type Row } from "./row";
import { progressLine, report } from "./table";

interface Options {
  sizes: readonly Size[];
  modes: readonly Mode[];
  rounds: number;
  steps?: number;
  threads: number;
}

/** `npm run bench -- step`: one training step, against PyTorch and Lightning. */
export function stepCommand(): Command {
  const names = [...new Set(MODES.map(({ mode }) => mode))].join(", ");
  return new Command("step")
    .description("one training step, against PyTorch and Lightning, on the processor")
    .addOption(
      new Option("--sizes <names>", `some of ${SIZES.join(",")}; units, or some of ${UNITS.join(",")}`)
        .argParser(parseSizes)
        .default(SIZES, SIZES.join(",")),
    )
    .addOption(
      new Option("--modes <names>", `engines (gradbook, torch), modes (${names}) or engine/mode`)
        .argParser(parseModes)
        .default(MODES, "all"),
    )
    .option("--rounds <n>", "rounds, each with every measurement in turn", whole, 3)
    .option("--steps <n>", "timed steps of a measurement (default: the model's own number)", whole)
    .option("--threads <n>", "threads of either engine", whole, 2)
    .showHelpAfterError("`npm run bench -- step --help` shows all options.")
    .action(run);
}

async function run({ sizes, modes, rounds, steps, threads }: Options): Promise<void> {
  const benches: Partial<Record<Size, Bench>> = Object.fromEntries(
    sizes.map((size) => [size, readModel(size).bench]),
  );
  // Reports a missing requirement before the first round.
  const needs = (name: string) => modes.some(({ engine }) => engine === name);
  if (needs("gradbook")) findTensorFlow();
  const python = needs("torch") ? await benchPython() : undefined;
  const rows: Row[] = [];
  for (let round = 1; round <= rounds; round++) {
    for (const job of jobsOfRound(sizes, modes)) {
      const peaks = rows.filter(isPeak).filter((row) => row.round === round);
      const row = await measure(job, {
        round,
        threads,
        peaks,
        ...(steps && { steps }),
        ...(python && { python }),
        ...(job.size && { bench: benches[job.size]! }),
      });
      if (isInterrupted()) return;
      rows.push(row);
      console.log(JSON.stringify(row));
      console.error(progressLine(row));
    }
  }
  const ratios = ratiosOf(rows, modes, benches);
  console.log(JSON.stringify({ bench: "step", ratios }));
  console.error(report(rows, modes, ratios));
}

function parseSizes(text: string): Size[] {
  const words = text.split(",").flatMap((word) => (word === "units" ? UNITS : [word]));
  const unknown = words.find((word) => !ALL_SIZES.some((size) => size === word));
  if (unknown !== undefined) throw new InvalidArgumentError(notOneOf(unknown, [...SIZES, "units", ...UNITS]));
  return ALL_SIZES.filter((size) => words.includes(size));
}

function whole(text: string): number {
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw new InvalidArgumentError("must be a positive whole number.");
}
