import { tf } from "../engine";
import type { TwinView } from "../twin/stimulus";
import { pixelsPerDegreeOf } from "./observer";

/**
 * A drifting or static grating, or a Gabor. Positions are in degrees from the centre of the frame, x to the right and y upwards; the bars are
 * perpendicular to the direction in which they drift.
 */
export interface Grating {
  /** The direction of drift in degrees, counter-clockwise from rightwards. Default 0. */
  direction?: number;
  /** Cycles per degree. */
  spatialFrequency: number;
  /** Cycles per second; 0 is a static grating. Default 0. */
  temporalFrequency?: number;
  /** The phase in degrees at `x`, `y` in the newest frame; a bright bar is there at 0. Default 0. */
  phase?: number;
  /** 0 to 1. Default 1. */
  contrast?: number;
  /** The centre. Default 0. */
  x?: number;
  y?: number;
  /** The diameter of a circular aperture in degrees. Default: unlimited. */
  diameter?: number;
  /** The standard deviation of a Gaussian envelope in degrees, which makes the grating a Gabor. Default: unlimited. */
  sigma?: number;
}

const DEFAULTS: Required<Grating> = {
  direction: 0,
  spatialFrequency: 0,
  temporalFrequency: 0,
  phase: 0,
  contrast: 1,
  x: 0,
  y: 0,
  diameter: 1e6,
  sigma: 1e6,
};
const KEYS = Object.keys(DEFAULTS) as (keyof Grating)[];

/** A stimulus that is drawn on the device from rows of numbers, so that only these numbers are sent there. */
export interface DrawnStimulus<T> {
  /** Returns the numbers of one stimulus. */
  row(stimulus: T): ArrayLike<number>;
  /** Draws windows of contrast, `[B, lags, height, width]`, from rows, `[B, numbers]`. Traced. */
  draw(rows: tf.Tensor2D, view: TwinView): tf.Tensor4D;
}

const rowOf = (grating: Grating) => KEYS.map((key) => grating[key] ?? DEFAULTS[key]);

/** Gratings and Gabors, exact in phase and speed: each frame is computed at its own time. */
export const gratings: DrawnStimulus<Grating> = {
  row: rowOf,
  draw: (rows, view) => {
    const { height, width, lags, samplingRate } = view;
    const scale = pixelsPerDegreeOf(view);
    const columns = tf.split(rows, KEYS.length, 1);
    const of = (key: keyof Grating) => tf.reshape(columns[KEYS.indexOf(key)]!, [-1, 1, 1, 1]);
    const degrees = (size: number, sign: number) =>
      Float32Array.from({ length: size }, (_, i) => (sign * (i - (size - 1) / 2)) / scale);
    const right = tf.sub(tf.tensor4d(degrees(width, 1), [1, 1, 1, width]), of("x"));
    const up = tf.sub(tf.tensor4d(degrees(height, -1), [1, 1, height, 1]), of("y"));
    const seconds = tf.tensor4d(
      Float32Array.from(lags, (lag) => -lag / samplingRate),
      [1, lags.length, 1, 1],
    );
    const angle = tf.mul(of("direction"), Math.PI / 180);
    const along = tf.add(tf.mul(right, tf.cos(angle)), tf.mul(up, tf.sin(angle)));
    const cycles = tf.sub(tf.mul(along, of("spatialFrequency")), tf.mul(of("temporalFrequency"), seconds));
    const wave = tf.cos(tf.add(tf.mul(cycles, 2 * Math.PI), tf.mul(of("phase"), Math.PI / 180)));
    const squared = tf.add(tf.square(right), tf.square(up));
    const envelope = tf.exp(tf.div(tf.mul(squared, -0.5), tf.square(of("sigma"))));
    // The aperture's edge is one pixel wide, so that the size changes continuously.
    const inside = tf.sub(tf.div(of("diameter"), 2), tf.sqrt(squared));
    const aperture = tf.clipByValue(tf.add(tf.mul(inside, scale), 0.5), 0, 1);
    return tf.mul(tf.mul(wave, of("contrast")), tf.mul(envelope, aperture)) as tf.Tensor4D;
  },
};

/** Plaids: the sum of two gratings, each with half of its contrast. */
export const plaids: DrawnStimulus<readonly [Grating, Grating]> = {
  row: (pair) => pair.flatMap(rowOf),
  draw: (rows, view) => {
    const [first, second] = tf.split(rows, 2, 1) as [tf.Tensor2D, tf.Tensor2D];
    return tf.mul(tf.add(gratings.draw(first, view), gratings.draw(second, view)), 0.5);
  },
};
