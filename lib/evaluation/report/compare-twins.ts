import { ConfigError } from "../../base/config";
import {
  type ComparedUnits,
  compareUnits,
  type ExcitingOptions,
  type NamedObserver,
  observe,
} from "../../insilico";
import { loadTwin, type Twin } from "../../twin";
import type { TrustOptions } from "../../twin/recorded-twin";
import type { RecordedRun } from "./open-run";

/** A comparison of the units of several runs. */
export interface ComparedTwins {
  /** Undefined when fewer than two runs have units in common. */
  readonly units: ComparedUnits | undefined;
  /** Notes on runs that are left out or lack units, with the reasons. */
  readonly notes: readonly string[];
}

/** The options of `compareTwins`. */
export interface CompareTwinsOptions extends TrustOptions, Pick<ExcitingOptions, "steps" | "seeds" | "rms"> {
  /** The stimulus' pixels per degree. Default: as each run recorded it. */
  pixelsPerDegree?: number;
}

/**
 * Compares what the units of several runs do: see `compareUnits` of `gradbook/insilico`. Recordings are not needed. Runs that trained
 * something other than a twin, and units that a run lacks, are left out with a note.
 *
 * @example
 * const { runs } = compareRuns(["runs/first", "runs/second"]);
 * const { units, notes } = await compareTwins(runs);
 * display(units!.table());
 */
export async function compareTwins(
  runs: readonly Pick<RecordedRun, "name" | "folder">[],
  { trust, onModule, pixelsPerDegree, ...inputs }: CompareTwinsOptions = {},
): Promise<ComparedTwins> {
  const how = {
    ...(trust === undefined ? {} : { trust }),
    ...(onModule ? { onModule } : {}),
    ...(pixelsPerDegree === undefined ? {} : { pixelsPerDegree }),
  };
  const twins: Twin[] = [];
  const notes: string[] = [];
  try {
    const models: NamedObserver[] = [];
    for (const { name, folder } of runs) {
      try {
        const twin = await loadTwin(folder, how);
        twins.push(twin);
        models.push({ name, observer: observe(twin) });
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error;
        notes.push(`${name} is left out: ${error.message}`);
      }
    }
    const units = await compareUnits(models, inputs);
    const lacking = units.models.filter(({ lacks }) => lacks.length > 0);
    notes.push(...lacking.map(({ name, lacks }) => `${name} lacks ${lacks.length} units: ${listed(lacks)}`));
    if (units.pairs.length > 0) return { units, notes };
    return { units: undefined, notes: [...notes, "No two runs have a unit of the same session and id."] };
  } finally {
    for (const twin of twins) twin.dispose();
  }
}

/** The number of units that a note names. */
const NAMED = 5;

const listed = (units: readonly string[]) =>
  `${units.slice(0, NAMED).join(", ")}${units.length > NAMED ? ", ..." : ""}`;
