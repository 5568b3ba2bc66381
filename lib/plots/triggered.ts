import { Figure } from "./figure";
import { greatest, tileSheet } from "./image";
import type { Panel } from "./panel";

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

/** The blank space between tiles, as a share of a tile. */
const GAP = 0.12;

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
  const sessions = [...new Set(units.map(({ session }) => session))];
  const panels = sessions.map((session): Panel => {
    const own = units.filter((unit) => unit.session === session);
    const { height, width } = own[0]!;
    const gap = Math.max(1, Math.round(GAP * width));
    const tiles = [...own.map(({ data }) => data), ...own.map(({ model }) => model)];
    const scale = own.map(({ data, model }) => Math.max(greatest(data), greatest(model)));
    const { image, corners } = tileSheet(tiles, { height, width, columns: own.length, gap }, [
      ...scale,
      ...scale,
    ]);
    const centres = corners.slice(0, own.length).map(({ x }) => x + (width - 1) / 2);
    const line = height * 0.13;
    return {
      title: `${session}: ${responses} above, model below`,
      x: { label: "" },
      y: { label: "", reverse: true },
      equal: true,
      bare: true,
      marks: [
        image,
        {
          kind: "text",
          name: "",
          color: "#222",
          x: centres,
          y: own.map(() => -1.9 * line),
          text: own.map(({ cid, ms }) => `unit ${cid}, ${ms.toFixed(0)} ms`),
        },
        {
          kind: "text",
          name: "",
          color: "#777",
          x: centres,
          y: own.map(() => -0.9 * line),
          text: own.map(({ correlation }) => `r = ${correlation.toFixed(2)}`),
        },
      ],
    };
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
