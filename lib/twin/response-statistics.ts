import { ConfigError } from "../base/config";
import type { Note } from "../base/config/notes";
import type { PreparedSession } from "../data";
import type { FittedResponses, UnitParameter } from "../losses";
import type { Model } from "../model";
import { initReadoutBias } from "../model/bias";
import { outputIsSigned } from "../model/output";
import { initUnitParameter } from "../model/unit-parameters";

/** The responses of a unit on the valid training frames. */
interface Statistics {
  readonly mean: number;
  readonly variance: number;
  /** The share of responses that are 0. */
  readonly zeros: number;
}

/** Computes the statistics of each unit of a session; all are 0 for a unit without a valid frame. */
function statisticsOf({ robs, dfs, dfsColumns, cids, train }: PreparedSession): Statistics[] {
  const units = cids.length;
  const sums = Array.from({ length: 4 }, () => new Float64Array(units));
  const [bins, total, squares, zeros] = sums as [Float64Array, Float64Array, Float64Array, Float64Array];
  for (const t of train) {
    for (let unit = 0; unit < units; unit++) {
      const valid = dfs[t * dfsColumns + (dfsColumns === 1 ? 0 : unit)]!;
      const response = robs[t * units + unit]!;
      bins[unit]! += valid;
      total[unit]! += valid * response;
      squares[unit]! += valid * response ** 2;
      zeros[unit]! += valid * Number(response === 0);
    }
  }
  return cids.map((_, unit) => {
    const count = bins[unit]!;
    if (!(count > 0)) return { mean: 0, variance: 0, zeros: 0 };
    const mean = total[unit]! / count;
    return { mean, variance: Math.max(0, squares[unit]! / count - mean ** 2), zeros: zeros[unit]! / count };
  });
}

/** The least variance, relative to 1, and the least share, with which the parameters of a unit start. */
const [LEAST_VARIANCE, LEAST_SHARE] = [1e-4, 0.01];

/** The value with which a parameter starts: that of the responses around their mean. */
const FIRST: Readonly<Partial<Record<UnitParameter, (of: Statistics) => number>>> = {
  variance: ({ variance }) => Math.max(LEAST_VARIANCE, variance),
  // The moments of a gamma distribution: shape = mean² / variance.
  shape: ({ mean, variance }) =>
    variance > 0 && mean > 0 ? Math.min(100, Math.max(0.1, mean ** 2 / variance)) : 1,
};

/**
 * Sets the initial values of a model that follow from the responses: each unit starts at its mean, and the parameters that the loss learns
 * at the moments of its responses.
 */
export function initFromResponses(model: Model, sessions: readonly PreparedSession[]): void {
  const statistics = sessions.map(statisticsOf);
  initReadoutBias(
    model,
    statistics.flatMap((units) => units.map(({ mean }) => mean)),
  );
  const { unitParameters, isOfCounts } = model.lossPart;
  for (const name of unitParameters) {
    // The zeros of counts are mostly those of low rates.
    const silent = ({ zeros }: Statistics) => Math.min(1 - LEAST_SHARE, Math.max(LEAST_SHARE, zeros));
    const first = name === "silent" && !isOfCounts ? silent : FIRST[name];
    if (first)
      statistics.forEach((units, session) => {
        initUnitParameter(model, name, session, units.map(first));
      });
  }
}

const REFUSED: Readonly<Record<Exclude<FittedResponses, "any">, (response: number) => boolean>> = {
  nonNegative: (response) => response < 0,
  positive: (response) => response <= 0,
};

/** The responses that a loss needs, and the losses for those that it refuses. */
const ADVICE: Readonly<Record<Exclude<FittedResponses, "any">, [needs: string, use: string]>> = {
  nonNegative: ["responses of 0 or more", "gaussian or mse"],
  positive: ["responses over 0", "zero_inflated_gamma for responses of 0 or more, else gaussian or mse"],
};

/** Checks that the model's loss fits the responses of the valid frames. @throws ConfigError that says which loss does */
export function requireFittedResponses(
  model: Model,
  sessions: readonly PreparedSession[],
  where: string,
): void {
  const { fits } = model.lossPart;
  if (fits === "any") return;
  const refused = REFUSED[fits];
  const [needs, use] = ADVICE[fits];
  const problems = sessions.flatMap(({ name, robs, dfs, dfsColumns, cids, train, validation }) => {
    // Integer arrays hold no negative number.
    if (fits === "nonNegative" && !(robs instanceof Float32Array)) return [];
    const units = cids.length;
    for (const t of [...train, ...validation])
      for (let unit = 0; unit < units; unit++) {
        const [response, valid] = [
          robs[t * units + unit]!,
          dfs[t * dfsColumns + (dfsColumns === 1 ? 0 : unit)]!,
        ];
        if (valid > 0 && refused(response))
          return [
            {
              path: "loss",
              message: `${model.config.loss} needs ${needs}, but unit ${cids[unit]} of ${name} has ${Number(response.toPrecision(4))} at frame ${t}; use ${use}`,
            },
          ];
      }
    return [];
  });
  if (problems.length > 0) throw new ConfigError(where, problems);
}

/** The share of responses below 0 from which the sign of predictions matters. Noise of calcium signals is below 0 more rarely. */
const MANY_NEGATIVE = 0.2;

/** Notes sessions with many responses below 0 that the model cannot predict, because its output is positive. */
export function notesOfSign(model: Model, sessions: readonly PreparedSession[], where: string): Note[] {
  const { output_activation: activation } = model.config;
  if (outputIsSigned(activation)) return [];
  return sessions.flatMap(({ name, robs, cids, train }) => {
    const units = cids.length;
    let negative = 0;
    for (const t of train)
      for (let unit = 0; unit < units; unit++) negative += Number(robs[t * units + unit]! < 0);
    const share = negative / (train.length * units);
    if (share < MANY_NEGATIVE) return [];
    const message = `${activation} gives no response below 0, but ${Math.round(100 * share)} % of the responses of ${name} are; use identity`;
    return [{ where, path: "output_activation", message }];
  });
}
