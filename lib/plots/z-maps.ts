import { Figure } from "./figure";
import { greatest } from "./image";
import { tilePanels } from "./tile-panels";

/** The z-maps of one unit. */
export interface ZMapView {
  session: string;
  cid: number;
  height: number;
  width: number;
  /** The milliseconds before the spike, and the values `[height, width]`. */
  sta: { ms: number; values: ArrayLike<number> };
  ste: { ms: number; values: ArrayLike<number> };
}

/**
 * Draws z-maps, those of the spike-triggered average above those of the energy, with a color scale for each map and a panel for each
 * session.
 */
export function zMapsFigure(units: readonly ZMapView[]): Figure {
  const panels = tilePanels(units, {
    title: (session) => `${session}: average above, energy below`,
    images: [({ sta }) => sta.values, ({ ste }) => ste.values],
    lines: [({ cid }) => `unit ${cid}`, ({ sta }) => described(sta), ({ ste }) => described(ste)],
  });
  return new Figure(panels, `z-maps of ${units.length} units`, { columns: 1, width: 670 });
}

const described = ({ ms, values }: ZMapView["sta"]) =>
  `${ms.toFixed(0)} ms, |z| ≤ ${greatest(values).toFixed(1)}`;
