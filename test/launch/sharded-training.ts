import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { simulateSessions } from "../../lib/data";
import { readSafetensors } from "../../lib/trainer/checkpoint/safetensors";
import { SMALL } from "../model/configs";

/** The names of three sessions. Two processes divide them into the first, and the two others; three have one each. */
export const NAMES = ["luke_2031-03-01", "allen_2031-03-01", "milo_2031-03-01"];
const UNITS = [5, 3, 2];

/** Simulates the sessions, which have different numbers of units, and writes the YAML file of each. */
export async function writeRecordings(dir: string): Promise<void> {
  await simulateSessions({ outDir: dir, sessions: 3, frames: 1000, units: 5, size: 11 });
  NAMES.forEach((session, i) => {
    const cids = Array.from({ length: UNITS[i]! }, (_, unit) => unit + 1);
    writeFileSync(join(dir, `${session}.yaml`), JSON.stringify({ session, cids }));
  });
}

/**
 * Writes the YAML files of a model and of its sessions.
 *
 * @param changes keys that replace those of a small model with linear readouts, and those of the sessions
 * @returns the paths of both files
 */
export function writeConfigs(
  dir: string,
  name: string,
  changes: { model?: object; sessions?: object } = {},
): { model: string; sessions: string } {
  const write = (kind: string, config: object) => {
    const file = join(dir, `${name}.${kind}.yaml`);
    writeFileSync(file, JSON.stringify(config));
    return file;
  };
  const sessions = {
    types: ["backimage", "gaborium"],
    sessions: NAMES,
    keys_lags: { stim: [0, 1, 2, 3, 4, 5] },
    datafilters: { dfs: { ops: [{ valid_nlags: { n_lags: 6 } }] } },
    ...changes.sessions,
  };
  const model = { ...SMALL, readout: { type: "linear" }, ...changes.model };
  return { model: write("model", model), sessions: write("sessions", sessions) };
}

/** Reads the last checkpoint of a run. */
export const lastCheckpoint = (dir: string, name: string) =>
  readSafetensors(join(dir, name, "checkpoints", "last.safetensors"));

/**
 * Returns the relative difference of the weights of the last checkpoints of two runs, of their averages, and of each kind of moments. Single
 * weights would not be informative: Adam moves a weight whose gradient is only a rounding error.
 */
export function differences(dir: string, one: string, other: string): Record<string, number> {
  const [a, b] = [one, other].map((name) => lastCheckpoint(dir, name).tensors) as [
    ReturnType<typeof lastCheckpoint>["tensors"],
    ReturnType<typeof lastCheckpoint>["tensors"],
  ];
  expect([...b.keys()].sort()).toEqual([...a.keys()].sort());
  const sums: Record<string, { difference: number; size: number }> = {};
  for (const [name, { shape, values }] of a) {
    const found = b.get(name)!;
    expect(found.shape, name).toEqual(shape);
    const [kind = "weights"] = /^(optimizer\.\w+|current|accumulated)/.exec(name) ?? [];
    sums[kind] ??= { difference: 0, size: 0 };
    values.forEach((value, i) => {
      sums[kind]!.difference += (value - found.values[i]!) ** 2;
      sums[kind]!.size += value ** 2;
    });
  }
  const relative = Object.entries(sums).map(([kind, { difference, size }]) => [
    kind,
    Math.sqrt(difference / (size || 1)),
  ]);
  return Object.fromEntries(relative);
}

/** Expects the last checkpoints of two runs to have equal numbers, within a relative error for each kind of numbers. */
export function expectSameCheckpoints(dir: string, one: string, other: string, error = 0): void {
  for (const [kind, difference] of Object.entries(differences(dir, one, other)))
    expect(difference, kind).toBeLessThanOrEqual(error);
}

/** Expects the same keys, and numbers that are equal within a relative error. */
export function expectClose(found: readonly object[], expected: readonly object[], error: number): void {
  expect(found).toHaveLength(expected.length);
  expected.forEach((record, i) => {
    const other = found[i] as Record<string, unknown>;
    expect(Object.keys(other).sort()).toEqual(Object.keys(record).sort());
    for (const [key, value] of Object.entries(record))
      if (typeof value === "number" && Number.isFinite(value))
        expect(Math.abs((other[key] as number) - value), key).toBeLessThan(
          error * Math.max(1, Math.abs(value)),
        );
      else expect(other[key], key).toBe(value);
  });
}
