import { ConfigError } from "../base/config";
import { tf } from "../engine";
import type { TwinView } from "../twin/stimulus";
import type { ChosenUnits, Twin } from "../twin/twin";

/** Units that respond to windows of a stimulus: a twin's, or those of any other differentiable model. */
export interface Observer {
  readonly view: TwinView;
  /** The names of the units, for tables and figures. */
  readonly units: readonly string[];
  /**
   * Computes the rates of all units, `[B, units]`, for windows of contrast, `[B, lags, height, width]`, oldest frame first: 0 is mid-grey, and
   * -1 and 1 are black and white. Traced, and differentiable with respect to the windows.
   */
  rates(contrast_BLHW: tf.Tensor4D): tf.Tensor2D;
}

/**
 * Observes units of a twin. Behaviour and eye position are 0, and the spike history is silent.
 *
 * @throws ConfigError for unknown sessions and units, for a model with several input channels, and when the transforms of the recordings'
 * movies change a pixel in another way than by a factor and an offset
 */
export function observe(twin: Twin, chosen: ChosenUnits = {}): Observer {
  const { model, view, sessions } = twin;
  if (view.channels !== 1) {
    const message = `is ${view.channels}, but the experiments show grey stimuli; they need a model with one channel`;
    throw new ConfigError(twin.path, [{ path: "initial_input_channels", message }]);
  }
  const columns = twin.unitsOf(chosen);
  const names = sessions.flatMap(({ name, cids }) => cids.map((cid) => `${name} ${cid}`));
  const passes = passesOf(twin, columns);
  const order = passes.flatMap(({ own }) => own);
  const place = columns.map((column) => order.indexOf(column));
  const { grey, full } = pixelScale(view, twin.path);
  return {
    view,
    units: columns.map((column) => names[column]!),
    rates: (contrast) => {
      const [batch] = contrast.shape;
      const stim = tf.expandDims(tf.add(tf.mul(contrast, full), grey), -1) as tf.Tensor5D;
      const behavior = tf.zeros([batch, model.input.behaviors ?? 0]) as tf.Tensor2D;
      const eyepos = tf.zeros([batch, 2]) as tf.Tensor2D;
      const each = passes.map(({ session, own }) => {
        const dataset = tf.fill([batch], session, "int32") as tf.Tensor1D;
        const all = twin.rates({ stim, behavior, eyepos, dataset });
        return tf.gather(all, tf.tensor1d([...own], "int32"), 1);
      });
      return tf.gather(tf.concat(each, 1), tf.tensor1d(place, "int32"), 1) as tf.Tensor2D;
    },
  };
}

/** The grey level of mid-grey, and the distance of white from it. */
const GREY = 127;
/** The largest error of a pixel, as a share of the value of full contrast. */
const TOLERANCE = 1e-4;

/** Returns the model's values of a pixel: `grey` at mid-grey, and `full` more than that at a contrast of 1. */
function pixelScale({ height, width, transform }: TwinView, where: string): { grey: number; full: number } {
  if (!transform) return { grey: 0, full: GREY / 255 };
  const pixels = height * width;
  // The first two pixels are black and white; the others have many levels, in no order of space or time.
  const bytes = Uint8Array.from({ length: FRAMES * pixels }, (_, i) =>
    i < 2 ? 255 * i : (i * 97 + (i >> 4)) % 256,
  );
  const read = (from: number, to: number) => bytes.subarray(from * pixels, to * pixels);
  const changed = transform({ shape: [FRAMES, height, width], read });
  const values = "read" in changed ? changed.read(0, FRAMES) : changed.values;
  const perLevel = (values[1]! - values[0]!) / 255;
  const [grey, full] = [values[0]! + GREY * perLevel, GREY * perLevel];
  const isLinear = values.every(
    (value, i) => Math.abs(value - values[0]! - perLevel * bytes[i]!) <= TOLERANCE * Math.abs(full),
  );
  if (isLinear) return { grey, full };
  const message =
    "of the recordings' movies do not only scale and shift each pixel, so experiments cannot draw stimuli as the model sees them";
  throw new ConfigError(where, [{ path: "transforms.stim", message }]);
}

/** The number of frames by which transforms are examined. */
const FRAMES = 4;

/** Observes only some units of an observer, in the given order. @param units numbers of its units */
export function some({ view, units, rates }: Observer, chosen: readonly number[]): Observer {
  return {
    view,
    units: chosen.map((unit) => units[unit]!),
    rates: (contrast) => tf.gather(rates(contrast), tf.tensor1d([...chosen], "int32"), 1),
  };
}

/**
 * Returns one unit's rate for each window, `[B]`. Traced.
 *
 * @param rates `[B, units]` @param unit the number of the unit of each window, `[B]`
 */
export function rateOfUnit(rates: tf.Tensor2D, unit: tf.Tensor1D): tf.Tensor1D {
  const all = tf.range(0, rates.shape[1], 1, "int32");
  const chosen = tf.cast(tf.equal(tf.expandDims(unit, 1), all), "float32");
  return tf.sum(tf.mul(rates, chosen), 1);
}

/**
 * Returns the passes through the model that compute the rates of some units: one for each session, or a single one when all sessions see
 * the same frames, because they have neither an adapter nor a shifter.
 */
function passesOf(
  { model }: Twin,
  columns: readonly number[],
): { session: number; own: readonly number[] }[] {
  const { config, input, plan, unitDataset } = model;
  const sessions = [...new Set(columns.map((column) => unitDataset[column]!))];
  const ownAdapters = (input.sessionStages ?? []).some(({ adapter }) => adapter);
  if (config.adapter.type === "none" && !ownAdapters && !plan.readsEyepos)
    return [{ session: sessions[0]!, own: columns }];
  return sessions.map((session) => ({
    session,
    own: columns.filter((column) => unitDataset[column] === session),
  }));
}

/** Returns the pixels per degree. @throws ConfigError when the run did not record them */
export function pixelsPerDegreeOf({ pixelsPerDegree }: TwinView): number {
  if (pixelsPerDegree !== undefined) return pixelsPerDegree;
  const message = "is unknown, because the run did not record it; give it to loadTwin (--pixels_per_degree)";
  throw new ConfigError("twin", [{ path: "pixelsPerDegree", message }]);
}
