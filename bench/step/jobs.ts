import { InvalidArgumentError } from "commander";
import { notOneOf } from "../../lib/base/config";
import { hasManyUnits, type Size } from "./model-file";

export type Engine = "gradbook" | "torch";

/** One kind of measurement. */
export interface Mode {
  engine: Engine;
  mode: string;
}

/** One measurement, in a process of its own. The matrix product has no model. */
export interface Job extends Mode {
  size?: Size;
}

/** The modes in which a step can be measured, in the order of a round. */
export const MODES: readonly Mode[] = [
  { engine: "gradbook", mode: "compiled" },
  { engine: "gradbook", mode: "eager" },
  { engine: "torch", mode: "eager" },
  { engine: "torch", mode: "merged" },
  { engine: "torch", mode: "merged_channels_last" },
  { engine: "torch", mode: "compile" },
  { engine: "torch", mode: "compile_merged" },
  { engine: "torch", mode: "lightning" },
  { engine: "torch", mode: "lightning_nolog" },
  { engine: "gradbook", mode: "trainer_overhead" },
  { engine: "torch", mode: "lightning_overhead" },
];

/** Differences of a fraction of a millisecond, which would disappear in the noise of a larger model's steps. */
const SMALL_ONLY = ["trainer_overhead", "lightning_overhead"];

/** The modes that are measured with thousands of units. */
const MANY_UNITS = ["gradbook/compiled", "torch/eager", "torch/merged", "torch/merged_channels_last"];

const nameOf = ({ engine, mode }: Mode) => `${engine}/${mode}`;

/**
 * Returns the modes that the words select: an engine (`torch`), a mode (`eager`: of both engines), or both
 * (`torch/eager`).
 */
export function parseModes(text: string): Mode[] {
  const fits = (word: string) => (m: Mode) => [m.engine, m.mode, nameOf(m)].includes(word);
  const words = text.split(",");
  const unknown = words.find((word) => !MODES.some(fits(word)));
  if (unknown !== undefined)
    throw new InvalidArgumentError(
      notOneOf(unknown, ["gradbook", "torch", ...new Set(MODES.map(({ mode }) => mode))]),
    );
  return MODES.filter((mode) => words.some((word) => fits(word)(mode)));
}

/**
 * Returns the measurements of one round: the machine's peak by every engine, then, for each size, the engines in turn.
 */
export function jobsOfRound(sizes: readonly Size[], modes: readonly Mode[]): Job[] {
  const engines = [...new Set(modes.map(({ engine }) => engine))];
  const steps = sizes.flatMap((size) =>
    modes
      .filter((mode) => size === "small" || !SMALL_ONLY.includes(mode.mode))
      .filter((mode) => !hasManyUnits(size) || MANY_UNITS.includes(nameOf(mode)))
      .map((mode) => ({ ...mode, size })),
  );
  return [...engines.map((engine) => ({ engine, mode: "sgemm" })), ...steps];
}
