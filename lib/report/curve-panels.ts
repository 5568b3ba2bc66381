import type { Curves, CurvesPanel } from "../plots/curves";

/** Curves in one panel at most. */
const MOST = 6;
/** What is shown elsewhere or says the same as another curve. */
const SHOWN_APART = /^eval\/|_epoch$/;

/**
 * Which curves of a run stand together: training and validation of one metric; a metric and its parts (`val_bps_overall` and
 * `val_bps/<session>`); then every other by itself, learning rate and speed last.
 */
export function curvePanels({ training, validation }: Curves): CurvesPanel[] {
  const left = new Set([...training.keys(), ...validation.keys()].filter((name) => !SHOWN_APART.test(name)));
  const take = (names: readonly string[]) => {
    const found = names.filter((name) => left.delete(name));
    return found.slice(0, MOST);
  };
  const panels: CurvesPanel[] = [];
  const add = (title: string, names: readonly string[]) => {
    const metrics = take(names);
    if (metrics.length > 0) panels.push({ title, metrics });
  };
  for (const name of training.keys()) {
    const [, metric] = /^train_(.+)$/.exec(name) ?? [];
    if (metric) add(metric, [name, `val_${metric}`]);
  }
  const parts = [...left].filter((name) => name.startsWith("val_bps/"));
  add("bits per spike", ["val_bps_overall", ...parts]);
  const later = ["grad_norm", "lr", "samples_per_s"];
  for (const name of left) if (!later.includes(name)) add(name, [name]);
  add("gradient norm", ["grad_norm"]);
  add("learning rate", ["lr"]);
  add("samples per second", ["samples_per_s"]);
  return panels;
}
