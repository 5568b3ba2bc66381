import type { TwinView } from "../../lib/twin";

/** The frames, lags and clock of the quick start's twin. */
export const VIEW: TwinView = {
  height: 17,
  width: 17,
  channels: 1,
  lags: [10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
  samplingRate: 120,
  pixelsPerDegree: 12,
};
