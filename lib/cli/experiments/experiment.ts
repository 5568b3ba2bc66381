import { basename, join } from "node:path";
import type { Command } from "commander";
import { writeAtomically } from "../../base/files/atomic";
import { isFolder, makeFolderOf } from "../../base/files/folder";
import { Table } from "../../base/jupyter/table";
import { type Observer, observe } from "../../insilico";
import type { Figure } from "../../plots";
import { type ChosenUnits, loadTwin, type Twin } from "../../twin";
import { wholeNumbers } from "../arguments";
import { pixelsPerDegreeOption, trusting, trustOption, twinPath } from "../recorded-run";

/** The options of every experiment. */
export interface Flags {
  readonly session?: string;
  readonly units?: readonly number[];
  readonly out?: string;
  readonly pixels_per_degree?: number;
  readonly trust: boolean;
}

/** The result of an experiment: rows for a table, a figure, and all that was measured as plain data. */
export interface Measured {
  readonly rows: readonly Readonly<Record<string, string | number>>[];
  readonly figure: Figure;
  readonly data: unknown;
}

/** Makes the command of an experiment: it prints a table, and writes the data as JSON and the figure as SVG. */
export function experiment<F extends Flags>(
  command: Command,
  measure: (observer: Observer, flags: F, twin: Twin, chosen: ChosenUnits) => Promise<Measured>,
): Command {
  const name = command.name();
  return command
    .argument("<run>", "the run's folder, its name in runs/ or checkpoints/, or a checkpoint")
    .option("--session <name>", "the session whose units are observed (default: all)")
    .option("--units <ids>", "the ids of units of the session, such as 3,7,12 (default: all)", wholeNumbers)
    .option("--out <folder>", "the folder of the results (default: experiments in the run's folder, or here)")
    .addOption(pixelsPerDegreeOption())
    .addOption(trustOption())
    .action(async (given: string, flags: F) => {
      const { session, units, trust, pixels_per_degree: pixelsPerDegree } = flags;
      const path = twinPath(given);
      const folder = flags.out ?? (isFolder(path) ? join(path, "experiments") : ".");
      const [json, svg] = [join(folder, `${name}.json`), join(folder, `${name}.svg`)] as const;
      makeFolderOf(json);
      const twin = await loadTwin(path, {
        ...trusting(trust),
        ...(pixelsPerDegree === undefined ? {} : { pixelsPerDegree }),
      });
      try {
        const chosen = { ...(session ? { session } : {}), ...(units ? { units } : {}) };
        const { rows, figure, data } = await measure(observe(twin, chosen), flags, twin, chosen);
        const checkpoint = basename(twin.path);
        writeAtomically(json, [JSON.stringify({ checkpoint, units: data }, plain)]);
        writeAtomically(svg, [figure.svg()]);
        console.log(`${new Table(rows, `${name}: ${checkpoint}`)}\n\nall data: ${json}\nfigure: ${svg}`);
      } finally {
        twin.dispose();
      }
    });
}

/** Writes typed arrays as lists of numbers. */
const plain = (_key: string, value: unknown) =>
  ArrayBuffer.isView(value) ? Array.from(value as Float32Array) : value;

export const rounded = (value: number, digits = 3): number => Number(value.toPrecision(digits));
