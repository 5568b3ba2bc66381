import type { TwinFacts, UnitPosition } from "../../lib/insilico/twin-facts";

/** Returns the positions of a session's units. */
export function positionsOf({ sessions, positions }: TwinFacts, session: number): readonly UnitPosition[] {
  const first = sessions.slice(0, session).reduce((sum, { cids }) => sum + cids.length, 0);
  return positions.slice(first, first + sessions[session]!.cids.length);
}

/** The movie that drives a unit most so far. */
export interface GrowingInput {
  /** Contrast, `[lags, height, width]`. */
  readonly input: Float32Array;
  readonly step: number;
  readonly steps: number;
}

/** A twin as the view uses it: computed in the page, or by a notebook's kernel. */
export interface TwinSource {
  readonly facts: TwinFacts;
  /** Says in words where the rates are computed, such as `WebAssembly`. */
  readonly place: string;
  /**
   * Computes the rates of a session's units.
   *
   * @param windows contrast, `[count, lags, height, width]`, oldest frame first
   * @returns `[count, units]`
   */
  rates(session: number, windows: Float32Array): Promise<Float32Array>;
  /**
   * Finds the movie that drives a unit most; absent where it cannot be computed.
   *
   * @param onStep receives each step, and may throw to end the search
   */
  grow?(session: number, unit: number, onStep: (found: GrowingInput) => void): Promise<void>;
}
