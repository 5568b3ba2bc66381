import { Figure } from "./figure";

/**
 * Draws learned temporal kernels against time before the predicted bin, beside the true ones of simulated units.
 *
 * @param kernels one array of taps per channel, oldest tap first
 * @param samplingRate taps per second
 * @param truth units with their kernel, lag 0 first
 */
export function kernelsFigure(
  kernels: readonly ArrayLike<number>[],
  samplingRate: number,
  truth: readonly { temporalKernel: readonly number[] }[] = [],
): Figure {
  const curve = (taps: ArrayLike<number>, name: string, color?: string) => ({
    kind: "line" as const,
    name,
    x: Array.from(taps, (_, i) => (1000 * (i - taps.length + 1)) / samplingRate),
    y: Array.from(taps),
    ...(color ? { color } : {}),
  });
  const learned = kernels.map((taps, channel) => curve(taps, `kernel ${channel}`));
  const units = truth.map(({ temporalKernel }) => curve(temporalKernel.toReversed(), "", "#8fa8c0"));
  // Both panels have the same time axis.
  const oldest = Math.min(...[...learned, ...units].map(({ x }) => x[0] ?? 0));
  const x = { label: "time (ms)", ...(units.length > 0 ? { range: [oldest, 0] as const } : {}) };
  const axes = { x, y: { label: "weight" } };
  const panels = [{ title: "learned temporal kernels", ...axes, marks: learned }];
  if (units.length > 0)
    panels.push({ title: `those of the ${units.length} true units`, ...axes, marks: units });
  return new Figure(panels, `${kernels.length} temporal kernels of ${kernels[0]?.length ?? 0} taps`);
}

/** A position on the stimulus in pixels from the frame's centre. */
export interface Position {
  y: number;
  x: number;
}

/** Draws learned readout positions and the units' true receptive field centres on the frame, with a line between each pair. */
export function positionsFigure(
  learned: readonly Position[],
  truth: readonly Position[],
  frame: { height: number; width: number },
): Figure {
  const errors = learned
    .map(({ y, x }, i) => Math.hypot(y - truth[i]!.y, x - truth[i]!.x))
    .sort((a, b) => a - b);
  const median = errors[Math.floor(errors.length / 2)] ?? Number.NaN;
  const [half_w, half_h] = [frame.width / 2, frame.height / 2];
  // One line with gaps, from each learned position to its true one.
  const gap = Number.NaN;
  const pairs = {
    kind: "line" as const,
    name: "",
    x: learned.flatMap(({ x }, i) => [x, truth[i]!.x, gap]),
    y: learned.flatMap(({ y }, i) => [y, truth[i]!.y, gap]),
    color: "#bbb",
  };
  const points = (name: string, at: readonly Position[], symbol: "circle" | "cross", color: string) => ({
    kind: "points" as const,
    name,
    symbol,
    color,
    x: at.map(({ x }) => x),
    y: at.map(({ y }) => y),
  });
  const border = {
    kind: "line" as const,
    name: "",
    color: "#888",
    x: [-half_w, half_w, half_w, -half_w, -half_w],
    y: [-half_h, -half_h, half_h, half_h, -half_h],
  };
  const panel = {
    title: `readout positions, median error ${median.toFixed(2)} pixels`,
    x: { label: "pixels from the centre" },
    y: { label: "pixels from the centre", reverse: true },
    equal: true,
    marks: [
      border,
      pairs,
      points("true", truth, "cross", "#d95f02"),
      points("learned", learned, "circle", "#1f77b4"),
    ],
  };
  const text = `median distance of learned and true positions: ${median.toFixed(2)} pixels`;
  return new Figure([panel], text, { width: 480 });
}

/** Draws predicted rates of one unit over consecutive bins, with the observed counts and the true rates if they are given. */
export function ratesFigure(
  title: string,
  samplingRate: number,
  {
    observed,
    predicted,
    truth,
  }: { predicted: ArrayLike<number>; observed?: ArrayLike<number>; truth?: ArrayLike<number> },
): Figure {
  const seconds = Array.from(predicted, (_, t) => t / samplingRate);
  const line = (name: string, y: ArrayLike<number>, color: string) => ({
    kind: "line" as const,
    name,
    x: seconds,
    y,
    color,
  });
  const marks = [
    ...(observed ? [line("observed spikes", observed, "#c9c9c9")] : []),
    ...(truth ? [line("true rate", truth, "#d95f02")] : []),
    line("predicted rate", predicted, "#1f77b4"),
  ];
  return new Figure([{ title, x: { label: "time (s)" }, y: { label: "spikes per bin" }, marks }], title);
}
