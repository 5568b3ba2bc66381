import { basename, join } from "node:path";
import { Command } from "commander";
import { writeAtomically } from "../base/files/atomic";
import { isFolder, makeFolderOf } from "../base/files/folder";
import { Table } from "../base/jupyter/table";
import {
  gratingTuning,
  inputsFigure,
  mostExcitingInputs,
  mostInhibitingInputs,
  naturalWindows,
  type Observer,
  observe,
  receptiveFields,
  receptiveFieldsFigure,
  tuningFigure,
} from "../insilico";
import type { Figure } from "../plots";
import { loadTwin } from "../twin";
import { positive, positiveNumber, wholeNumbers } from "./arguments";
import { pixelsPerDegreeOption, trusting, trustOption, twinPath } from "./recorded-run";

interface Flags {
  readonly session?: string;
  readonly units?: readonly number[];
  readonly out?: string;
  readonly pixels_per_degree?: number;
  readonly trust: boolean;
}

/** The result of an experiment: rows for a table, a figure, and all that was measured as plain data. */
interface Measured {
  readonly rows: readonly Readonly<Record<string, string | number>>[];
  readonly figure: Figure;
  readonly data: unknown;
}

/** Makes the command of an experiment: it prints a table, and writes the data as JSON and the figure as SVG. */
function experiment<F extends Flags>(
  command: Command,
  measure: (observer: Observer, flags: F) => Promise<Measured>,
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
        const { rows, figure, data } = await measure(observe(twin, chosen), flags);
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

const rounded = (value: number, digits = 3) => Number(value.toPrecision(digits));

/** `gradbook tuning RUN`: measures the tuning of a twin's units to gratings. */
export function tuningCommand(): Command {
  const command = new Command("tuning").description(
    "measure how a twin's units respond to drifting gratings: orientation, direction, spatial and temporal frequency, simple or complex",
  );
  return experiment(command, async (observer) => {
    const tuning = await gratingTuning(observer);
    const rows = tuning.map((unit) => ({
      unit: unit.unit,
      "orientation (°)": Math.round(unit.orientation),
      "direction (°)": Math.round(unit.direction),
      "cycles/°": rounded(unit.spatialFrequency),
      "cycles/s": unit.temporalFrequency,
      "orientation index": rounded(unit.orientationIndex, 2),
      "direction index": rounded(unit.directionIndex, 2),
      "F1/F0": rounded(unit.modulationRatio, 2),
      kind: unit.kind,
    }));
    return { rows, figure: tuningFigure(tuning), data: tuning };
  });
}

/** `gradbook fields RUN`: computes the receptive fields of a twin's units. */
export function fieldsCommand(): Command {
  const command = new Command("fields")
    .description("compute the receptive fields of a twin's units: gradients averaged over natural pictures")
    .option("--pictures <n>", "the number of natural pictures", positive, 50);
  return experiment(command, async (observer, { pictures }: Flags & { pictures: number }) => {
    const { view, units } = observer;
    const fields = await receptiveFields(observer, naturalWindows(view, pictures));
    const pixels = view.height * view.width;
    const all = units.map((unit, u) => ({
      unit,
      centre: fields.centres[u]!,
      energy: fields.energy.subarray(u * pixels, (u + 1) * pixels),
      mean: fields.mean.subarray(u * pixels * view.lags.length, (u + 1) * pixels * view.lags.length),
    }));
    const rows = all.map(({ unit, centre }) => ({
      unit,
      "x (°)": rounded(centre.x),
      "y (°)": rounded(centre.y),
    }));
    return { rows, figure: receptiveFieldsFigure(fields, units, view), data: all };
  });
}

/** `gradbook inputs RUN`: finds the inputs that drive a twin's units most. */
export function inputsCommand(): Command {
  const command = new Command("inputs")
    .description("find the movie that drives each of a twin's units most, by gradient ascent")
    .option("--steps <n>", "the number of steps of gradient ascent", positive, 150)
    .option("--seeds <n>", "the number of starts; the best input is kept", positive, 2)
    .option("--rms <contrast>", "the largest root mean square contrast (default: no limit)", positiveNumber)
    .option("--still", "find images that are shown during all lags, and not movies", false)
    .option("--inhibit", "find the inputs that drive the units least", false);
  type InputFlags = Flags & { steps: number; seeds: number; rms?: number; still: boolean; inhibit: boolean };
  return experiment(command, async (observer, { steps, seeds, rms, still, inhibit }: InputFlags) => {
    const find = inhibit ? mostInhibitingInputs : mostExcitingInputs;
    const inputs = await find(observer, { steps, seeds, still, ...(rms ? { rms } : {}) });
    const rows = inputs.map(({ unit, rate, agreement }) => ({
      unit,
      "rate (per bin)": rounded(rate),
      "agreement of seeds": agreement === undefined ? "" : rounded(agreement, 2),
    }));
    return { rows, figure: inputsFigure(inputs, observer.view), data: inputs };
  });
}
