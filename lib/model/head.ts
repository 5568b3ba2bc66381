import { tf } from "../engine";
import {
  below,
  componentOf,
  type Mode,
  type Place,
  prefixed,
  problemAt,
  scoped,
  type VideoShape,
  type WeightSpec,
  type Weights,
} from "../nn";
import { constant } from "../nn/initializers";
import { given, type ModelBatch } from "./batch";
import type { ModelConfig } from "./config";
import { planHistories } from "./history/sessions";
import { addBaseline, OUTPUT_ACTIVATIONS } from "./output";
import { readouts as room } from "./readout";
import type { PlannedReadouts, UnitFacts } from "./readout/planned";
import { shifters } from "./shifter";
import { planZeroInflation } from "./zero-inflation";

/** What each session has of its own behind the core: shifter, readout, spike history, output activation, baseline. */
export interface PlannedHead {
  readonly readouts: PlannedReadouts;
  readonly weights: readonly WeightSpec[];
  readonly flops: number;
  /** Bins of `history` that a sample has to bring; 0 for a model without spike history. */
  readonly historyLags: number;
  /** Whether a sample has to bring `eyepos`. */
  readonly readsEyepos: boolean;
  /** `[B, N]` */
  apply(x_BTHWC: tf.Tensor5D, batch: ModelBatch, weights: Weights, mode: Mode): tf.Tensor2D;
}

/** @throws ConfigError for unknown types and options, and for a shifter before a readout that looks everywhere */
export function planHead(
  config: ModelConfig,
  core: VideoShape,
  units: readonly number[],
  facts: UnitFacts,
  root: Place,
): PlannedHead {
  const { readout, shifter: shift, history_encoder: encoder, baseline, output_activation, loss } = config;
  const place = (key: string, leaf = "params") => below(below(root, key), leaf);
  const readouts = componentOf(room, readout.type, place("readout", "type")).plan(
    readout.params,
    place("readout"),
    core,
    units,
    facts,
  );
  const shifter = componentOf(shifters, shift.type, place("shifter", "type")).plan(
    shift.params,
    place("shifter"),
    units.length,
  );
  if (shifter.apply && !readouts.shiftable)
    throw problemAt(
      place("shifter", "type"),
      `"${shift.type}" moves places, but the readout "${readout.type}" has none; use gaussian or gaussian2d, or shifter type none`,
    );
  const histories = encoder
    ? planHistories(encoder, units, place("history_encoder", "type"), place("history_encoder"))
    : undefined;
  const initial = constant(baseline.init_value);
  const baselines = baseline.enabled
    ? units.map((n, session) => ({ name: `baselines.${session}`, shape: [n], initial }))
    : [];
  const inflations = loss === "zero_inflated_poisson" ? units.map(planZeroInflation) : [];
  const activate = OUTPUT_ACTIVATIONS[output_activation].apply;
  return {
    readouts,
    weights: [
      ...prefixed("shifters", shifter.weights),
      ...prefixed("readouts", readouts.weights),
      ...prefixed("spike_history", histories?.weights ?? []),
      ...baselines,
      ...inflations,
    ],
    flops: readouts.flops + (histories?.flops ?? 0),
    historyLags: histories?.lags ?? 0,
    readsEyepos: shifter.apply !== undefined,
    apply: (x, batch, get, mode) => {
      const offset = shifter.apply?.(
        given(batch.eyepos, "eyepos"),
        given(batch.dataset, "dataset"),
        scoped(get, "shifters"),
      );
      let sum = readouts.apply(x, scoped(get, "readouts"), mode, offset);
      if (histories)
        sum = tf.add(
          sum,
          histories.apply(given(batch.history, "history"), scoped(get, "spike_history"), mode),
        );
      const rates = activate(sum);
      const learned = baselines.map(({ name }) => get(name));
      return baseline.enabled ? addBaseline(rates, learned, baseline.activation) : rates;
    },
  };
}
