import { Figure } from "./figure";
import type { Panel } from "./panel";

/** The responses of a session's units by time since the start of a stimulus that is the same in every trial. */
export interface FixationsView {
  session: string;
  trials: number;
  ms: readonly number[];
  /** Rates of data and model in spikes per second, or other responses in their own unit; NaN where there is none. */
  units: readonly {
    cid: number;
    data: readonly number[];
    model: readonly number[];
    correlation: number;
  }[];
}

/** The number of units of each session that are drawn. */
const SHOWN = 6;

/**
 * Draws the PSTHs of data and model of the clearest units of each session: those whose rate varies most over time in comparison with its
 * mean, which is the variance of the counting noise.
 *
 * @param responses the name of the data. Default `spikes`
 */
export function fixationsFigure(
  sessions: readonly FixationsView[],
  responses: "spikes" | "responses" = "spikes",
): Figure {
  const panels = sessions.flatMap(({ session, trials, ms, units }, i) =>
    [...units]
      .sort((a, b) => clarity(b.data) - clarity(a.data))
      .slice(0, SHOWN)
      .map(
        ({ cid, data, model, correlation }, place): Panel => ({
          title: `${session}, unit ${cid}: ${trials} trials, r = ${correlation.toFixed(2)}`,
          x: { label: "time from stimulus (ms)" },
          y: { label: responses === "spikes" ? "spikes per second" : "response" },
          marks: [
            { kind: "line", name: responses, unlisted: i + place > 0, color: "#888", x: ms, y: data },
            { kind: "line", name: "model", unlisted: i + place > 0, color: "#1f77b4", x: ms, y: model },
          ],
        }),
      ),
  );
  return new Figure(panels, `responses during fixation in ${sessions.length} sessions`, {
    columns: 2,
    height: 240,
  });
}

/** Returns the ratio of variance and mean over the known bins; 0 for a unit without a response. */
function clarity(rates: readonly number[]): number {
  const known = rates.filter((rate) => !Number.isNaN(rate));
  const mean = known.reduce((sum, rate) => sum + rate, 0) / known.length;
  const variance = known.reduce((sum, rate) => sum + (rate - mean) ** 2, 0) / known.length;
  return mean > 0 ? variance / mean : 0;
}
