import { existsSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { ConfigError, check } from "../../base/config";
import { readNpy } from "../../base/numpy/npy";
import { unitIds } from "../check-recording";
import type { Session } from "../session";
import { rowsOf } from "../source-array";
import type { Modality } from "./modality";

const PROPERTIES = z.looseObject({ neuron_properties: z.record(z.string(), z.unknown()).default({}) });

/** Returns the file of a property of the units, which `meta.yml` may name; undefined when there is none. */
export function propertyFile({ folder, file, meta }: Modality, name: string): string | undefined {
  const stated = check(PROPERTIES, meta, file).neuron_properties[name];
  const path = join(folder, typeof stated === "string" ? stated : `meta/${name}.npy`);
  return existsSync(path) ? path : undefined;
}

/** Reads the ids and places of the units. Without ids they are numbered from 0. @throws ConfigError that names the file */
export function unitsOf(responses: Modality, units: number): Pick<Session, "cids" | "coordinates"> {
  const read = (name: string) => {
    const file = propertyFile(responses, name);
    const found = file ? readNpy(file) : undefined;
    if (!file || found?.shape[0] === units) return found;
    const message = `has ${found!.shape[0]} rows, but there are ${units} units: one row for each`;
    throw new ConfigError(file, [{ path: "", message }]);
  };
  const [ids, places] = [read("unit_ids"), read("cell_motor_coordinates")];
  const cids = unitIds(responses.folder, ids?.values ?? Array.from({ length: units }, (_, unit) => unit));
  return { cids, ...(places ? { coordinates: rowsOf(places.values, units) } : {}) };
}
