import { cycleOf, responseTo } from "../../lib/insilico/cycle";
import { gratingWindow, type ShownGrating } from "./grating";
import type { ViewState } from "./state";
import type { TwinSource } from "./twin-source";

/** The phases of a grating from which the response to it is computed. */
const PHASES = 8;

/** The responses of a session's units over one number of the grating, measured one value after another. */
export class TuningCurve {
  /** The responses of all units to the first values, `[measured][units]`. */
  responses: Float32Array[] = [];
  /** The session and the other numbers of the grating that the responses belong to. */
  private conditions = "";

  constructor(
    private readonly source: TwinSource,
    private readonly key: keyof ShownGrating,
    readonly values: readonly number[],
  ) {}

  /** Measures the responses to the next value, as `gratingTuning` of `gradbook/insilico` does. @returns false when all are known */
  async measureNext({ session, ...state }: ViewState): Promise<boolean> {
    const { direction, spatialFrequency, temporalFrequency, contrast } = state;
    const grating = { direction, spatialFrequency, temporalFrequency, contrast };
    const conditions = JSON.stringify([session, { ...grating, [this.key]: null }]);
    if (conditions !== this.conditions) {
      this.conditions = conditions;
      this.responses = [];
    }
    const { responses } = this;
    const value = this.values[responses.length];
    if (value === undefined) return false;
    const { view } = this.source.facts;
    const cycle = Array.from({ length: PHASES }, (_, p) =>
      gratingWindow({ ...grating, [this.key]: value }, view, p / PHASES),
    );
    const rates = await this.source.rates(session, joined([...cycle, new Float32Array(cycle[0]!.length)]));
    const units = rates.length / (PHASES + 1);
    responses.push(
      Float32Array.from({ length: units }, (_, unit) => {
        const ofUnit = Array.from({ length: PHASES }, (_, p) => rates[p * units + unit]!);
        return responseTo(cycleOf(ofUnit, rates[PHASES * units + unit]!));
      }),
    );
    return true;
  }
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const size = parts[0]!.length;
  const all = new Float32Array(parts.length * size);
  for (const [i, part] of parts.entries()) all.set(part, i * size);
  return all;
}
