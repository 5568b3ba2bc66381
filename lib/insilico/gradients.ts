import { compile, tf } from "../engine";
import type { TwinView } from "../twin/stimulus";
import { type Observer, pixelsPerDegreeOf, rateOfUnit } from "./observer";
import { partSize } from "./present";
import type { Windows } from "./windows";

/** The largest number of units whose gradients are computed in one call. */
const UNITS = 64;

/** The rates of units for one window, and their gradients with respect to it. */
export interface Jacobian {
  /** `[units]` */
  readonly rates: Float32Array;
  /** `[units, lags, height, width]`, in rate per contrast. */
  readonly values: Float32Array;
}

/** Computes gradients of units' rates, many units at a time. */
class Gradients {
  readonly pixels: number;
  private readonly step: (
    rows: tf.Tensor4D,
    units: tf.Tensor1D,
  ) => Promise<{ rates: tf.Tensor1D; gradient: tf.Tensor4D }>;
  readonly dispose: () => void;

  constructor(private readonly observer: Observer) {
    const { view } = observer;
    this.pixels = view.lags.length * view.height * view.width;
    const step = compile((x: tf.Tensor4D, unit: tf.Tensor1D) => {
      let rates: tf.Tensor1D | undefined;
      const gradient = tf.grad((shown) => {
        // The gradient is computed in a scope of its own, at whose end other tensors are freed.
        rates = tf.keep(rateOfUnit(observer.rates(shown as tf.Tensor4D), unit));
        return tf.sum(rates);
      })(x) as tf.Tensor4D;
      return { rates: rates!, gradient };
    });
    this.step = step;
    this.dispose = () => step.dispose();
  }

  /** Computes the Jacobian at one window, `[lags, height, width]`. */
  async at(window: Float32Array): Promise<Jacobian> {
    const { observer, pixels } = this;
    const { view, units } = observer;
    const rates = new Float32Array(units.length);
    const values = new Float32Array(units.length * pixels);
    const size = partSize(units.length, UNITS);
    const x = tf.tidy(() => {
      const one = tf.tensor4d(window, [1, view.lags.length, view.height, view.width]);
      return tf.tile(one, [size, 1, 1, 1]);
    });
    for (let from = 0; from < units.length; from += size) {
      const count = Math.min(size, units.length - from);
      const unit = tf.tensor1d(
        Array.from({ length: size }, (_, i) => from + Math.min(i, count - 1)),
        "int32",
      );
      const found = await this.step(x, unit);
      rates.set(found.rates.dataSync<"float32">().subarray(0, count), from);
      values.set(found.gradient.dataSync<"float32">().subarray(0, count * pixels), from * pixels);
      tf.dispose([found, unit]);
    }
    x.dispose();
    return { rates, values };
  }
}

/**
 * Computes the gradient of each unit's rate with respect to a window: the local linear model of the unit, `rate + gradient · change`.
 *
 * @param window contrast, `[lags, height, width]`. Default: a blank screen
 */
export async function jacobian(observer: Observer, window?: Float32Array): Promise<Jacobian> {
  const gradients = new Gradients(observer);
  try {
    return await gradients.at(window ?? new Float32Array(gradients.pixels));
  } finally {
    gradients.dispose();
  }
}

/** The centre of a unit's receptive field in degrees from the centre of the frame, x to the right and y upwards. */
export interface FieldCentre {
  readonly x: number;
  readonly y: number;
}

/** The receptive fields of units. */
export interface ReceptiveFields {
  /** The mean gradient, `[units, lags, height, width]`; that of a complex cell is near 0. */
  readonly mean: Float32Array;
  /** The root of the mean square gradient, over stimuli and lags, `[units, height, width]`. */
  readonly energy: Float32Array;
  /** The centre of each unit's energy. */
  readonly centres: readonly FieldCentre[];
}

/**
 * Computes the gradients of units' rates, averaged over stimuli such as natural pictures (`naturalWindows`).
 *
 * @throws ConfigError when the size of a pixel in degrees is unknown
 */
export async function receptiveFields(
  observer: Observer,
  { count, values }: Windows,
): Promise<ReceptiveFields> {
  const { view, units } = observer;
  const gradients = new Gradients(observer);
  const { pixels } = gradients;
  const area = view.height * view.width;
  const mean = new Float32Array(units.length * pixels);
  const energy = new Float32Array(units.length * area);
  try {
    for (let i = 0; i < count; i++) {
      const { values: found } = await gradients.at(values.subarray(i * pixels, (i + 1) * pixels));
      for (let at = 0; at < found.length; at++) {
        mean[at]! += found[at]! / count;
        const unit = Math.floor(at / pixels);
        energy[unit * area + (at % area)]! += found[at]! ** 2 / (count * view.lags.length);
      }
    }
  } finally {
    gradients.dispose();
  }
  const roots = energy.map(Math.sqrt);
  const centres = units.map((_, unit) => centreOf(roots.subarray(unit * area, (unit + 1) * area), view));
  return { mean, energy: roots, centres };
}

/** Returns the centre of mass of the pixels above half of the largest, in degrees. */
function centreOf(energy: Float32Array, view: TwinView): FieldCentre {
  const { height, width } = view;
  const scale = pixelsPerDegreeOf(view);
  const half = Math.max(...energy) / 2;
  let [total, y, x] = [0, 0, 0];
  energy.forEach((value, p) => {
    const weight = Math.max(0, value - half);
    total += weight;
    y += weight * Math.floor(p / width);
    x += weight * (p % width);
  });
  if (total === 0) return { x: 0, y: 0 };
  return { x: (x / total - (width - 1) / 2) / scale, y: -(y / total - (height - 1) / 2) / scale };
}

/**
 * Attributes each unit's response to pixels and lags by integrated gradients (Sundararajan, Taly & Yan 2017): the mean gradient along the
 * line from a blank screen to the window, times the window. The attributions of a unit add up to its rate minus that of a blank screen.
 *
 * @param window contrast, `[lags, height, width]`
 * @param steps the number of gradients along the line. Default 64
 * @returns `[units, lags, height, width]`
 */
export async function attributions(
  observer: Observer,
  window: Float32Array,
  steps = 64,
): Promise<Float32Array> {
  const gradients = new Gradients(observer);
  const sum = new Float32Array(observer.units.length * gradients.pixels);
  try {
    for (let k = 0; k < steps; k++) {
      const share = (k + 0.5) / steps;
      const { values } = await gradients.at(window.map((contrast) => contrast * share));
      for (let at = 0; at < sum.length; at++)
        sum[at]! += (values[at]! * window[at % gradients.pixels]!) / steps;
    }
  } finally {
    gradients.dispose();
  }
  return sum;
}
