/**
 * The colours of Okabe & Ito (2008), which people with any colour vision can tell apart; yellow is left out, because it has little
 * contrast with white.
 */
export const UNIT_COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"] as const;

/** Points of the colour map cividis (Nuñez, Anderton & Renslow 2018), which also shows its order without colour vision. */
const CIVIDIS = [
  [0, 34, 78],
  [53, 69, 108],
  [102, 105, 112],
  [148, 142, 119],
  [200, 184, 102],
  [254, 232, 56],
] as const;

/** Returns a colour for a share from 0 to 1. */
export function cividis(share: number): string {
  const at = Math.min(1, Math.max(0, share)) * (CIVIDIS.length - 1);
  const below = Math.min(CIVIDIS.length - 2, Math.floor(at));
  const [from, to] = [CIVIDIS[below]!, CIVIDIS[below + 1]!];
  return `rgb(${from.map((value, i) => Math.round(value + (to[i]! - value) * (at - below))).join(" ")})`;
}
