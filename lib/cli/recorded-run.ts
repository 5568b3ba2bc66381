import { existsSync } from "node:fs";
import { isAbsolute, join, normalize, sep } from "node:path";
import { Option } from "commander";
import { ConfigError } from "../base/config";
import { isRun, runsIn } from "../evaluation/report/open-run";
import { RESCALE_MODES } from "../metrics/rescale";
import { STAGES } from "../model/config";
import type { TrustOptions } from "../twin";
import { positiveNumber } from "./arguments";

/** Returns the option that allows a run's own modules. */
export const trustOption = (): Option =>
  new Option(
    "--trust",
    "run the custom components that the run's configuration names, and print their paths",
  ).default(false);

/** Returns the options of the library for `--trust`: it prints the path of each module before it is run. */
export const trusting = (trust: boolean): TrustOptions => ({
  trust,
  onModule: (file) => console.error(`running the run's own components in ${file}`),
});

/** Returns the option that replaces the recorded size of a pixel. */
export const pixelsPerDegreeOption = (): Option =>
  new Option(
    "--pixels_per_degree <n>",
    "the stimulus' pixels per degree (default: as the run recorded it)",
  ).argParser(positiveNumber);

/** The stages whose outputs can be observed. */
export const CORE_STAGES: readonly string[] = Object.keys(STAGES).filter((stage) => stage !== "readout");

/** Returns the option that also scores rescaled rates. */
export const rescaleOption = (): Option =>
  new Option(
    "--rescale <mode>",
    "also score rates whose gain, or gain and offset (affine), are fitted for each unit or for all units of a session (global)",
  ).choices(RESCALE_MODES);

/** The default folders of runs: those of the library and of `gradbook train`. */
const PLACES = ["runs", "checkpoints"];

/**
 * Returns the folder of a run that is given by its path or its name; `first` and `runs/first` are searched in both
 * folders.
 *
 * @throws ConfigError that lists the runs in both places
 */
export function runFolder(given: string): string {
  const [place, ...rest] = normalize(given).split(sep);
  const name = PLACES.includes(place!) && rest.length > 0 ? join(...rest) : given;
  const candidates = [given, ...(isAbsolute(given) ? [] : PLACES.map((each) => join(each, name)))];
  const found = candidates.find(isRun);
  if (found !== undefined) return found;
  // A folder that holds no run gets a separate error, which lists the runs beside it.
  if (existsSync(given)) return given;
  const runs = PLACES.flatMap((each) => runsIn(each).map((run) => join(each, run)));
  const there = runs.length > 0 ? `available: ${runs.join(", ")}` : "none were found";
  const message = `no run in ${[...new Set(candidates.map(normalize))].join(", ")}; ${there}`;
  throw new ConfigError("gradbook report", [{ path: given, message }]);
}

/** Returns the path of a run's folder, or of a checkpoint, that is given by its path or its name. */
export const twinPath = (given: string): string =>
  given.endsWith(".safetensors") ? given : runFolder(given);
