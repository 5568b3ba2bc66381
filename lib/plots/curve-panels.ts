import type { Curves } from "./curves";
import type { CurvesPanel } from "./curves-figure";
import { isScore } from "./metric-words";

/** Metrics without a panel: evaluations are shown in a table, and `_epoch` repeats the curve of the steps. */
const SHOWN_APART = /^eval\/|_epoch$/;

/**
 * Groups the curves of a run into panels: training and validation of one metric share a panel, as do a metric of all data and its parts
 * (`val_bps_overall` and `val_bps/<session>`). The parts of a metric with training and validation (`train_loss/<session>`) have a panel of
 * their own; every other metric, too.
 */
export function scorePanels({ training, validation }: Curves): CurvesPanel[] {
  const left = new Set(
    [...training.keys(), ...validation.keys()].filter((name) => isScore(name) && !SHOWN_APART.test(name)),
  );
  const take = (names: readonly string[]) => names.filter((name) => left.delete(name));
  const panels: CurvesPanel[] = [];
  /** Adds a panel of metrics and of their parts, and one of the means of groups that have several members. */
  const addParts = (metrics: readonly string[], isPart: (name: string) => boolean) => {
    const { members, groups } = partsOf([...left].filter(isPart));
    const shown = take([...metrics, ...members]);
    if (shown.length > 0) panels.push(shown);
    take(groups.map(({ group }) => group));
    const means = groups.filter(({ size }) => size > 1).map(({ group }) => group);
    if (means.length > 0) panels.push(means);
  };
  for (const name of training.keys()) {
    if (name.includes("/")) continue;
    const validated = name.replace(/^train_/, "val_");
    const pair = take([name, validated]);
    if (pair.length > 0) panels.push(pair);
    addParts([], (other) => other.startsWith(`${name}/`) || other.startsWith(`${validated}/`));
  }
  for (const name of validation.keys()) {
    if (!name.endsWith("_overall")) continue;
    const stem = name.slice(0, -"_overall".length);
    addParts([name], (other) => other.startsWith(`${stem}/`));
  }
  for (const name of left) panels.push(take([name]));
  return panels;
}

/** Returns all panels of a run: its scores, then gradient norm, learning rate, speed and memory if they were reported. */
export function curvePanels(curves: Curves): CurvesPanel[] {
  const names = new Set([...curves.training.keys(), ...curves.validation.keys()]);
  return [...scorePanels(curves), ...[...names].filter((name) => !isScore(name)).sort()];
}

/**
 * Divides the parts of a metric into members and groups. The name of a group, such as a subject, is a prefix of the names of its members.
 */
function partsOf(parts: readonly string[]): { members: string[]; groups: { group: string; size: number }[] } {
  const sizeOf = (part: string) => parts.filter((other) => other.startsWith(`${part}_`)).length;
  const sized = parts.map((group) => ({ group, size: sizeOf(group) }));
  return {
    members: sized.filter(({ size }) => size === 0).map(({ group }) => group),
    groups: sized.filter(({ size }) => size > 0),
  };
}
