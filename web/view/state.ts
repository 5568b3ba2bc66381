import type { TwinFacts } from "../../lib/insilico/twin-facts";
import type { ShownGrating } from "./grating";

/** The kinds of stimuli. */
export const STIMULI = ["grating", "drawing", "file"] as const;

/** The choices of a person, which a link can hold. */
export interface ViewState extends ShownGrating {
  readonly session: number;
  /** Numbers of units in the session, in the order in which they were chosen. */
  readonly units: readonly number[];
  readonly stimulus: (typeof STIMULI)[number];
  readonly playing: boolean;
}

/** The largest number of units that are followed at a time: the number of colours that can be told apart. */
export const MOST_UNITS = 6;

/** The ranges of a grating's numbers. */
export type GratingRanges = Readonly<Record<keyof ShownGrating, { max: number; step: number }>>;

/** Returns the ranges of gratings that a twin can see: a cycle has at least three pixels and four frames. */
export function gratingRanges({ view }: TwinFacts): GratingRanges {
  const { pixelsPerDegree = 1, samplingRate } = view;
  return {
    direction: { max: 355, step: 5 },
    spatialFrequency: { max: rounded(pixelsPerDegree / 3), step: pixelsPerDegree > 3 ? 0.05 : 0.005 },
    temporalFrequency: { max: Math.floor(samplingRate / 4), step: 0.5 },
    contrast: { max: 1, step: 0.05 },
  };
}

/** Returns the unit of spatial frequencies: cycles per degree, or per pixel where the size of a pixel is unknown. */
export const frequencyUnit = ({ view }: TwinFacts): string =>
  view.pixelsPerDegree === undefined ? "cycles/pixel" : "cycles/°";

const rounded = (value: number) => Number(value.toPrecision(2));

/** Returns the state at first: a grating of about three cycles, and the first unit. */
export function firstState(facts: TwinFacts): ViewState {
  const { pixelsPerDegree = 1, height, width, samplingRate } = facts.view;
  return {
    session: 0,
    units: [0],
    stimulus: "grating",
    direction: 0,
    spatialFrequency: rounded((3 * pixelsPerDegree) / Math.max(9, Math.min(height, width))),
    temporalFrequency: Math.min(4, Math.floor(samplingRate / 4)),
    contrast: 1,
    playing: !matchMedia("(prefers-reduced-motion: reduce)").matches,
  };
}

/** Returns the state of a link's fragment. Values that this twin does not have are replaced by those at first. */
export function stateOf(hash: string, facts: TwinFacts): ViewState {
  const given = new URLSearchParams(hash.replace(/^#/, ""));
  const first = firstState(facts);
  const ranges = gratingRanges(facts);
  const numberOf = (key: keyof ShownGrating) => {
    const value = Number.parseFloat(given.get(key) ?? "");
    return Number.isFinite(value) ? Math.min(ranges[key].max, Math.max(0, value)) : first[key];
  };
  const session = Number(given.get("session") ?? 0);
  const cids = facts.sessions[session]?.cids;
  const units = (given.get("units") ?? "")
    .split(",")
    .map((cid) => cids?.indexOf(Number(cid || Number.NaN)) ?? -1);
  const known = [...new Set(units)].filter((unit) => unit >= 0).slice(0, MOST_UNITS);
  return {
    session: cids ? session : 0,
    units: known.length > 0 ? known : first.units,
    stimulus: STIMULI.find((kind) => kind === given.get("stimulus")) ?? first.stimulus,
    direction: numberOf("direction"),
    spatialFrequency: numberOf("spatialFrequency"),
    temporalFrequency: numberOf("temporalFrequency"),
    contrast: numberOf("contrast"),
    playing: given.has("playing") ? given.get("playing") === "true" : first.playing,
  };
}

/** Returns the fragment of a link to a state. Units are named by their ids. */
export function hashOf({ units, ...state }: ViewState, { sessions }: TwinFacts): string {
  const ids = units.map((unit) => sessions[state.session]!.cids[unit]!);
  const entries = Object.entries({ ...state, units: ids.join(",") });
  return `#${new URLSearchParams(entries.map(([key, value]) => [key, String(value)]))}`;
}

/** A state that parts of the view change and watch. */
export class Store {
  private readonly watchers: ((state: ViewState, before: ViewState) => void)[] = [];

  constructor(private current: ViewState) {}

  get state(): ViewState {
    return this.current;
  }

  /** Changes the state. */
  set(changes: Partial<ViewState>): void {
    const before = this.current;
    this.current = { ...before, ...changes };
    for (const watch of this.watchers) watch(this.current, before);
  }

  /** Calls a function now and after each change. */
  watch(watcher: (state: ViewState, before: ViewState) => void): void {
    this.watchers.push(watcher);
    watcher(this.current, this.current);
  }
}
