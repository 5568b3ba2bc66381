import { product } from "../base/arrays/shape";
import { ConfigError, notOneOf } from "../base/config";
import { type Bundle, DISPLAY, type Displayable } from "../base/jupyter/display";
import { Table } from "../base/jupyter/table";
import { joined } from "../data/ops";
import { tf } from "../engine";
import type { CoreStage, Model, ModelBatch, StageTap } from "../model";
import { type Covariates, Responder, ratesOf } from "./responder";
import type { FramesOptions, Stimulus, TwinView } from "./stimulus";

/** A recording session of a twin. */
export interface TwinSession {
  readonly name: string;
  /** The ids of its units, in the order of the model's columns. */
  readonly cids: readonly number[];
}

/** Units of a twin. */
export interface ChosenUnits {
  /** A session's name, or its number from 0. Default: all sessions, one after the other. */
  session?: string | number;
  /** Ids of units of the session, in the order of the result. Default: all. */
  units?: readonly number[];
}

/** The options of `Twin.respond`: the units, what the model reads beside the stimulus, and how the stimulus becomes frames. */
export interface RespondOptions extends ChosenUnits, Covariates, FramesOptions {}

/** The outputs of a stage over time. */
export interface Activations {
  /** `[frames, time, height, width, channels]`: the frames of the stimulus, and the output of the stage for each. */
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** Rates of units over time. */
export interface Rates {
  /** `[frames, units]` */
  readonly shape: readonly [frames: number, units: number];
  /** Spikes per bin, or the response that the model predicts. */
  readonly values: Float32Array;
}

/**
 * A trained model by itself, without recordings: it responds to any stimulus. `loadTwin` reads it from a run or a checkpoint.
 *
 * @example
 * const twin = await loadTwin("runs/first");
 * const rates = await twin.respond({ shape: [240, 17, 17], values: new Uint8Array(240 * 17 * 17) });
 */
export class Twin implements Displayable {
  private readonly responder: Responder;
  private readonly behaviorLags: readonly number[];
  /** @internal */
  readonly tap: StageTap | undefined;
  private readonly sharesModel: boolean;

  /**
   * @param how the lags of the behaviour, default 0 alone; `tap` changes the outputs of stages; a model that is shared is not disposed with
   * the twin
   */
  constructor(
    /** The path from which it was loaded. */
    readonly path: string,
    readonly model: Model,
    readonly sessions: readonly TwinSession[],
    readonly view: TwinView,
    how: { behaviorLags?: readonly number[]; tap?: StageTap; sharesModel?: boolean } = {},
  ) {
    this.behaviorLags = how.behaviorLags ?? [0];
    this.tap = how.tap;
    this.sharesModel = how.sharesModel ?? false;
    this.responder = this.computing((batch) => this.rates(batch));
  }

  /** Computes the rates of all units for a batch, `[B, units]`, as `Model.forward` does, but never their logarithms. Traced. */
  rates(batch: ModelBatch): tf.Tensor2D {
    return ratesOf(this.model, batch, this.tap);
  }

  /**
   * Computes the rates of units for a stimulus. Each frame of the stimulus is one bin of the model (`view.samplingRate`), and pixels are
   * those of the recordings. A model with spike history sees a silent past.
   *
   * @throws ConfigError for a stimulus of another size, and for unknown sessions and units
   */
  async respond(stimulus: Stimulus, options: RespondOptions = {}): Promise<Rates> {
    const units = this.unitsOf(options).length;
    const parts: Float32Array[] = [];
    for await (const part of this.responses(stimulus, options)) parts.push(part);
    const values = joined(Float32Array, parts);
    return { shape: [values.length / units, units], values };
  }

  /**
   * Computes the rates as `respond` does, in parts of some hundred frames, `[frames, units]`, so that neither the stimulus nor the rates
   * need to fit into memory.
   */
  async *responses(stimulus: Stimulus, options: RespondOptions = {}): AsyncGenerator<Float32Array> {
    const { unitDataset } = this.model;
    const units = this.unitsOf(options);
    const sessions = [...new Set(units.map((unit) => unitDataset[unit]!))];
    let rates = new Float32Array(0);
    for await (const { session, count, result } of this.responder.respond(stimulus, sessions, options)) {
      if (session === sessions[0]) rates = new Float32Array(count * units.length);
      const [values, columns] = [await result.data(), result.shape[1]!];
      result.dispose();
      units.forEach((unit, to) => {
        if (unitDataset[unit] !== session) return;
        for (let t = 0; t < count; t++) rates[t * units.length + to] = values[t * columns + unit]!;
      });
      if (session === sessions.at(-1)) yield rates;
    }
  }

  /**
   * Computes the outputs of a stage for each frame of a stimulus, for probing. The values of all frames are kept in memory.
   *
   * @param options the session matters for the adapter, and for stages after it. Default: the first one
   * @throws ConfigError as `respond`
   */
  async activations(
    stage: CoreStage,
    stimulus: Stimulus,
    { session = 0, ...options }: Omit<RespondOptions, "units"> = {},
  ): Promise<Activations> {
    const [unit] = this.unitsOf({ session });
    const responder = this.computing((batch) => {
      let output: tf.Tensor | undefined;
      const record: StageTap = (at, found) => {
        const kept = this.tap?.(at, found) ?? found;
        // The model runs in a scope of its own, at whose end other tensors are freed.
        if (at === stage) output = tf.keep(kept);
        return kept;
      };
      ratesOf(this.model, batch, record);
      return output!;
    });
    const parts: Float32Array[] = [];
    let shape: number[] = [];
    try {
      for await (const { count, result } of responder.respond(
        stimulus,
        [this.model.unitDataset[unit!]!],
        options,
      )) {
        shape = result.shape.slice(1);
        const size = product(shape);
        parts.push(result.dataSync<"float32">().slice(0, count * size));
        result.dispose();
      }
    } finally {
      responder.dispose();
    }
    const values = joined(Float32Array, parts);
    return { shape: [values.length / product(shape), ...shape], values };
  }

  /**
   * Returns the twin with channels of a stage set to 0. It shares the weights of this twin, which must not be disposed before it.
   *
   * @param channels numbers of the stage's output channels. Default: all
   */
  ablated(stage: CoreStage, channels?: readonly number[]): Twin {
    return this.tapped((at, output) => {
      if (at !== stage) return output;
      const kept = Array.from({ length: output.shape[4] }, (_, c) =>
        Number(channels !== undefined && !channels.includes(c)),
      );
      return tf.mul(output, kept);
    });
  }

  /**
   * Returns the twin with another function that receives, and may replace, the output of each stage. It shares the weights of this twin, which
   * must not be disposed before it.
   */
  tapped(tap: StageTap): Twin {
    const { path, model, sessions, view, behaviorLags } = this;
    const both: StageTap = (at, output) => tap(at, this.tap?.(at, output) ?? output);
    return new Twin(path, model, sessions, view, { behaviorLags, tap: both, sharesModel: true });
  }

  private computing(compute: (batch: ModelBatch) => tf.Tensor): Responder {
    const { view, model, behaviorLags } = this;
    return new Responder(view, model.input.behaviors ?? 0, behaviorLags, compute);
  }

  /**
   * Returns the chosen units as numbers among all units of the model.
   *
   * @throws ConfigError for unknown sessions and units
   */
  unitsOf({ session, units }: ChosenUnits = {}): number[] {
    const { sessions } = this;
    const names = sessions.map(({ name }) => name);
    const fail = (path: string, message: string) => new ConfigError("twin", [{ path, message }]);
    if (session === undefined) {
      if (units) throw fail("units", `needs a session, because ids are those of one: ${names.join(", ")}`);
      return sessions.flatMap(({ cids }) => cids).map((_, unit) => unit);
    }
    const number = typeof session === "number" ? session : names.indexOf(session);
    const found = sessions[number];
    if (!found) throw fail("session", notOneOf(String(session), names));
    const first = sessions.slice(0, number).reduce((sum, { cids }) => sum + cids.length, 0);
    return (units ?? found.cids).map((cid) => {
      const column = found.cids.indexOf(cid);
      if (column < 0) throw fail("units", `has ${cid}, but ${found.name} has ${found.cids.join(", ")}`);
      return first + column;
    });
  }

  /** Displays the sessions, and the size and clock of the stimulus. */
  [DISPLAY](): Bundle {
    const { height, width, samplingRate, lags, pixelsPerDegree } = this.view;
    const degrees = pixelsPerDegree ? `, ${pixelsPerDegree} pixels per degree` : "";
    const rows = this.sessions.map(({ name, cids }) => ({ session: name, units: cids.length }));
    const title = `${this.path}: ${height} × ${width} pixels${degrees}, ${lags.length} lags at ${samplingRate} Hz`;
    return new Table(rows, title)[DISPLAY]();
  }

  /** Frees the compiled function, and the weights unless they are shared. The object cannot be used afterwards. */
  dispose(): void {
    this.responder.dispose();
    if (!this.sharesModel) this.model.dispose();
  }
}
