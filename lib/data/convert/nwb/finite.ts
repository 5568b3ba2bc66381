import { chosenColumns } from "../../session";
import type { Frames } from "./frames";
import type { NwbFile } from "./nwb-file";
import type { Responses } from "./responses";

/** Frames with the responses of all units, `[frames, units]`. */
export interface Responding {
  readonly frames: Frames;
  readonly robs: Float32Array;
  /** The number of frames that were left out, because no unit has a response. */
  readonly lost: number;
}

/** Leaves out the frames in which no unit has a response, such as those before the microscope was started. */
export function respondingFrames(frames: Frames, robs: Float32Array, units: number): Responding {
  const rows = Array.from(frames.starts.keys());
  const kept = rows.filter((t) => robs.subarray(t * units, (t + 1) * units).some(Number.isFinite));
  const lost = rows.length - kept.length;
  if (lost === 0) return { frames, robs, lost };
  const pick = (times: Float64Array) => Float64Array.from(kept, (t) => times[t]!);
  const values = new Float32Array(kept.length * units);
  for (const [row, t] of kept.entries()) values.set(robs.subarray(t * units, (t + 1) * units), row * units);
  return {
    frames: {
      starts: pick(frames.starts),
      stops: pick(frames.stops),
      period: frames.period,
      index: Int32Array.from(kept, (t) => frames.index[t]!),
    },
    robs: values,
    lost,
  };
}

/** Units that have a response in every frame, and the tables of their responses. */
export interface Finite {
  readonly units: Pick<Responses, "cids" | "coordinates" | "groups">;
  readonly tables: readonly Float32Array[];
  readonly leftOut: readonly string[];
}

/**
 * Leaves out the units that have no response, NaN, in some frame of some table.
 *
 * @param tables the responses of one stimulus type each, `[frames, units]`
 * @throws ConfigError when no unit is left
 */
export function finiteUnits(nwb: NwbFile, units: Responses, tables: readonly Float32Array[]): Finite {
  const { cids, at } = units;
  const isKnown = cids.map(() => true);
  for (const table of tables)
    for (let i = 0; i < table.length; i++) if (!Number.isFinite(table[i]!)) isKnown[i % cids.length] = false;
  const kept = [...isKnown.keys()].filter((unit) => isKnown[unit]);
  if (kept.length === cids.length) return { units, tables, leftOut: [] };
  const lost = cids.filter((_, unit) => !isKnown[unit]);
  const named = `${lost.slice(0, 10).join(", ")}${lost.length > 10 ? ", ..." : ""}`;
  if (kept.length === 0)
    throw nwb.fail(
      at,
      `has no response, or NaN, in some frame for every unit; choose other responses or another stimulus`,
    );
  const of = <T>(values: readonly T[]) => kept.map((unit) => values[unit]!);
  return {
    units: {
      cids: of(cids),
      ...(units.coordinates ? { coordinates: of(units.coordinates) } : {}),
      ...(units.groups ? { groups: of(units.groups) } : {}),
    },
    tables: tables.map((table) => chosenColumns(table, cids.length, kept)),
    leftOut: [`${at}: ${lost.length} units with NaN in some frame: ${named}`],
  };
}
