import { Figure } from "./figure";
import { greatest } from "./image";
import type { Panel } from "./panel";
import { tilePanels } from "./tile-panels";

/** The spike-triggered average of one unit, of its spikes and of predicted rates. */
export interface SpikeTriggeredView {
  session: string;
  cid: number;
  /** Milliseconds before the spike. */
  ms: number;
  height: number;
  width: number;
  /** `[height, width]`. */
  data: ArrayLike<number>;
  model: ArrayLike<number>;
  correlation: number;
}

/**
 * Draws spike-triggered averages, those of the data above those of the model, with one color scale for each unit and a panel for each
 * session.
 *
 * @param responses the name of the data. Default `spikes`
 */
export function spikeTriggeredFigure(
  units: readonly SpikeTriggeredView[],
  responses: "spikes" | "responses" = "spikes",
): Figure {
  const panels = tilePanels(units, {
    title: (session) => `${session}: ${responses} above, model below`,
    images: [({ data }) => data, ({ model }) => model],
    lines: [
      ({ cid, ms }) => `unit ${cid}, ${ms.toFixed(0)} ms`,
      ({ correlation }) => `r = ${correlation.toFixed(2)}`,
    ],
    scale: ({ data, model }) => Math.max(greatest(data), greatest(model)),
  });
  return new Figure(
    panels,
    `${responses === "spikes" ? "spike" : "response"}-triggered averages of ${units.length} units`,
    { columns: 1, width: 670 },
  );
}

/** The mean rates of a session around the landing of saccades. */
export interface SaccadesView {
  session: string;
  count: number;
  ms: readonly number[];
  data: { mean: readonly number[]; error: readonly number[] };
  model: { mean: readonly number[]; error: readonly number[] };
}

/**
 * Draws the mean rate around saccades, of the data and of the model, with standard errors over saccades.
 *
 * @param responses the name of the data. Default `spikes`
 */
export function saccadesFigure(
  sessions: readonly SaccadesView[],
  responses: "spikes" | "responses" = "spikes",
): Figure {
  const panels = sessions.map(({ session, count, ms, data, model }, i): Panel => {
    const curve = (name: string, { mean, error }: SaccadesView["data"], color: string) => [
      {
        kind: "band" as const,
        name: "",
        color,
        x: ms,
        y: mean.map((value, i) => value - error[i]!),
        to: mean.map((value, i) => value + error[i]!),
      },
      { kind: "line" as const, name, color, x: ms, y: mean },
    ];
    return {
      title: `${session}: ${count} saccades`,
      x: { label: "time from landing (ms)" },
      y: { label: responses === "spikes" ? "spikes per second" : "response" },
      marks: [
        ...curve(i === 0 ? responses : "", data, "#888"),
        ...curve(i === 0 ? "model" : "", model, "#1f77b4"),
      ],
    };
  });
  return new Figure(panels, `rates around saccades in ${sessions.length} sessions`, {
    columns: 2,
    height: 280,
  });
}
