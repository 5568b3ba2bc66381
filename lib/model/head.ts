import { tf } from "../engine";
import { lossOf, type UnitParameters } from "../losses/parts";
import { below, type Mode, type Place, problemAt, scoped, type VideoShape, type Weights } from "../nn";
import { componentOf } from "../nn/component";
import { given, type ModelBatch } from "./batch";
import type { ModelConfig } from "./config";
import { planHistories } from "./history";
import { planOutput } from "./output";
import { readouts as room } from "./readout";
import { planReadouts } from "./session-readouts";
import type { PlacedStage } from "./session-stages";
import { shifters } from "./shifter";
import type { PlannedReadouts, UnitFacts } from "./stages";
import { AllUnits, OwnUnits, sessionOrder, type UnitColumns } from "./unit-columns";
import { planUnitParameters, unitParameters } from "./unit-parameters";
import { type ModelWeight, WEIGHT_PREFIXES, type WeightedPart, weightsOfPart } from "./weights";

/** The session-specific stages after the core: shifter, readout, spike history, output activation, baseline. */
export interface PlannedHead {
  readonly readouts: PlannedReadouts;
  readonly weights: readonly ModelWeight[];
  readonly flops: number;
  /** The number of `history` bins that a sample needs; 0 for a model without spike history. */
  readonly historyLags: number;
  /** Whether a sample needs `eyepos`. */
  readonly readsEyepos: boolean;
  /** Computes the rates of all units for all samples, `[B, N]`, or of the own units of each sample, `[B, U]`. */
  apply(x_BTHWC: tf.Tensor5D, batch: ModelBatch, weights: Weights, mode: Mode, of: UnitsOf): HeadOutputs;
}

/** The units whose rates are computed for a sample: those of all sessions, or those of its own session. */
export type UnitsOf = "all" | "own";

/** The outputs of a head. */
export interface HeadOutputs {
  /** `[B, N]` or `[B, U]` */
  readonly rate: tf.Tensor2D;
  /** The parameters that the loss learns for each unit: `[1, N]` or `[B, U]`. */
  readonly parameters: UnitParameters;
}

/**
 * Plans the head.
 *
 * @param stages the readout of each session
 * @throws ConfigError for unknown types and options, and for a shifter with a readout that has no positions
 */
export function planHead(
  config: ModelConfig,
  core: VideoShape,
  units: readonly number[],
  facts: UnitFacts,
  root: Place,
  stages: readonly PlacedStage[],
): PlannedHead {
  const { history_encoder: encoder } = config;
  const place = (key: string, leaf = "params") => below(below(root, key), leaf);
  const { unitParameters: learned } = lossOf(config.loss, below(root, "loss"));
  const readouts = planReadouts(stages, units, facts, ({ type, params, at }, ...ofSessions) =>
    componentOf(room, type, below(at, "type")).plan(params, below(at, "params"), core, ...ofSessions),
  );
  const shifter = planShifter(config, root, readouts, units.length);
  const histories = encoder
    ? planHistories(encoder, units, place("history_encoder", "type"), place("history_encoder"))
    : undefined;
  const output = planOutput(config, units);
  return {
    readouts,
    weights: [
      ...weightsOfPart("shifter", shifter.weights),
      ...weightsOfPart("readout", readouts.weights),
      ...weightsOfPart("history_encoder", histories?.weights ?? []),
      ...weightsOfPart("baseline", output.weights),
      ...planUnitParameters(learned, units),
    ],
    flops: readouts.flops + (histories?.flops ?? 0),
    historyLags: histories?.lags ?? 0,
    readsEyepos: shifter.apply !== undefined,
    apply: (x, batch, weights, mode, unitsOf) => {
      const of = (part: WeightedPart) => scoped(weights, WEIGHT_PREFIXES[part]);
      const compute = (x: tf.Tensor5D, batch: HeadBatch, columns: UnitColumns): HeadOutputs => {
        const offset = shifter.apply?.(
          given(batch.eyepos, "eyepos"),
          given(batch.dataset, "dataset"),
          of("shifter"),
        );
        const read = readouts.apply(x, columns, of("readout"), mode, offset);
        const influence = histories?.apply(
          given(batch.history, "history"),
          columns,
          of("history_encoder"),
          mode,
        );
        const rate = output.apply(influence ? tf.add(read, influence) : read, columns, of("baseline"));
        return { rate, parameters: unitParameters(learned, units.length, columns, weights) };
      };
      // With one session, all units are the own units of each sample.
      if (unitsOf === "all" || units.length === 1) return compute(x, batch, new AllUnits(units));
      return inSessionOrder(x, batch, units, compute);
    },
  };
}

/** The inputs of a head besides the core's output. */
type HeadBatch = Pick<ModelBatch, "eyepos" | "dataset" | "history">;

/** Computes the rates of each sample's own units with the samples of a session one after another. */
function inSessionOrder(
  x: tf.Tensor5D,
  { dataset: session, eyepos, history }: HeadBatch,
  units: readonly number[],
  compute: (x: tf.Tensor5D, batch: HeadBatch, columns: UnitColumns) => HeadOutputs,
): HeadOutputs {
  const order = sessionOrder(given(session, "dataset"), units.length);
  const sorted: HeadBatch = {
    dataset: order.session,
    ...(eyepos ? { eyepos: order.sort(eyepos) } : {}),
    ...(history ? { history: order.sort(history) } : {}),
  };
  const { rate, parameters } = compute(order.sort(x), sorted, new OwnUnits(units, order));
  const unsorted = Object.entries(parameters).map(([name, values]) => [name, order.unsort(values!)] as const);
  return { rate: order.unsort(rate), parameters: Object.fromEntries(unsorted) };
}

function planShifter(
  { readout, shifter: { type, params } }: ModelConfig,
  root: Place,
  { shiftable }: PlannedReadouts,
  sessions: number,
) {
  const at = below(root, "shifter");
  const shifter = componentOf(shifters, type, below(at, "type")).plan(params, below(at, "params"), sessions);
  if (!shifter.apply || shiftable) return shifter;
  const message = `"${type}" shifts positions, but the readout "${readout.type}" has none; use gaussian or gaussian2d, or shifter type none`;
  throw problemAt(below(at, "type"), message);
}
