import { expect, test } from "vitest";
import { Random } from "../../lib/base/random";
import { randomUnit, type UnitTruth } from "../../lib/data/simulate/unit";
import { comparedUnitsFigure, compareUnits, type Observer, trueModel } from "../../lib/insilico";
import { VIEW } from "./view";

const random = new Random(4, "units of comparisons");
const truth = Array.from({ length: 5 }, (_, i) => randomUnit(i, 17, random));
const named = (
  name: string,
  units: readonly UnitTruth[],
  view = VIEW,
): { name: string; observer: Observer } => ({
  name,
  observer: trueModel(units, view),
});
const turned = (unit: UnitTruth) => ({ ...unit, orientation: unit.orientation + (40 * Math.PI) / 180 });

test("compares tuning and inputs of the units that two models share", async () => {
  const first = truth.slice(0, 4);
  // The second model has other units 1 to 4: unit 2 is turned by 40 degrees, and unit 3 has a shorter wavelength.
  const second = [
    truth[1]!,
    turned(truth[2]!),
    { ...truth[3]!, wavelength: truth[3]!.wavelength / 1.3 },
    truth[4]!,
  ];
  const models = [named("first", first), named("second", second), named("third", [{ ...truth[0]!, cid: 9 }])];
  const compared = await compareUnits(models, { steps: 60 });
  expect(compared.models.map(({ name, lacks }) => [name, lacks])).toEqual([
    ["first", ["unit 4", "unit 9"]],
    ["second", ["unit 0", "unit 9"]],
    ["third", ["unit 0", "unit 1", "unit 2", "unit 3", "unit 4"]],
  ]);
  expect(compared.pairs.length).toBe(1);
  const [{ models: names, units, orientation, octaves, inputs, transfer }] = compared.pairs as [
    (typeof compared.pairs)[number],
  ];
  expect([names, units]).toEqual([
    ["first", "second"],
    ["unit 1", "unit 2", "unit 3"],
  ]);
  expect(orientation[0]).toBeLessThan(1e-6);
  expect(Math.abs(orientation[1]! - 40)).toBeLessThan(3);
  expect(octaves[0]).toBeCloseTo(0, 6);
  expect(octaves[2]! / Math.log2(1.3)).toBeGreaterThan(0.7);
  // The same unit has the same inputs, and responds to those of its other copy as to its own.
  expect(inputs![0]).toBeCloseTo(1, 3);
  expect([transfer![0][0], transfer![1][0]]).toEqual([expect.closeTo(1, 3), expect.closeTo(1, 3)]);
  expect(transfer![1][1]).toBeLessThan(0.95);
  const [row] = compared.table().rows;
  expect(row).toMatchObject({ models: "first, second", units: 3, "same kind (%)": 100 });
  expect(compared.seeds().map(({ name, correlation }) => [name, correlation !== undefined])).toEqual([
    ["first", true],
    ["second", true],
    ["third", false],
  ]);
  const figure = comparedUnitsFigure(compared);
  expect(figure.panels.length).toBe(3);
  expect(figure.svg()).toContain("in second");
});

test("compares the tuning of models with other lags, whose inputs cannot be exchanged", async () => {
  const shorter = { ...VIEW, lags: VIEW.lags.slice(2) };
  const models = [named("long", truth.slice(0, 2)), named("short", truth.slice(0, 2), shorter)];
  const compared = await compareUnits(models, { steps: 5, seeds: 1 });
  const { pairs } = compared;
  expect(Math.max(...pairs[0]!.orientation)).toBeLessThan(2);
  expect([pairs[0]!.inputs, pairs[0]!.transfer]).toEqual([undefined, undefined]);
  expect(compared.table().rows[0]).toMatchObject({
    "r of inputs": "",
    "exchanged, first": "",
  });
});
