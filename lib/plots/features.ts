import { Figure } from "./figure";
import { greatest } from "./image";
import type { Panel } from "./panel";

/** The feature weights of the units of one session. */
export interface FeaturesView {
  title: string;
  /** `[channels, units]`. */
  weights: ArrayLike<number>;
  channels: number;
  units: number;
}

/** Draws feature weights as heat maps, with a panel for each session and its own color scale; red is positive. */
export function featuresFigure(sessions: readonly FeaturesView[]): Figure {
  const panels = sessions.map(({ title, weights, channels, units }): Panel => {
    const most = greatest(weights) || 1;
    return {
      title: `${title}: up to ±${most.toPrecision(2)}`,
      x: { label: "unit" },
      y: { label: "channel", reverse: true },
      marks: [
        {
          kind: "image",
          palette: "diverging",
          values: weights,
          width: units,
          height: channels,
          range: [-most, most],
        },
      ],
    };
  });
  const units = sessions.reduce((sum, session) => sum + session.units, 0);
  return new Figure(panels, `feature weights of ${units} units`, { columns: 3 });
}
