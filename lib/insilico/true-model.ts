import { ConfigError } from "../base/config";
import type { UnitTruth } from "../data";
import { envelope, NORMALISATION_SECONDS, SEMI_SATURATION } from "../data/simulate/responses";
import { gaborFilter } from "../data/simulate/unit";
import { tf } from "../engine";
import type { TwinView } from "../twin/stimulus";
import type { Observer } from "./observer";

/**
 * Makes an observer of the simulator's own units as they respond at rest, without saccades, arousal and drift (docs/simulation.md gives the
 * equations), so that experiments on a twin can be compared with the truth. The screen is blank before a window.
 *
 * @param units units of simulated sessions, as `readTruth` returns them
 * @param view the frames, whose sides must be equal, the lags and the clock, such as those of the twin
 *
 * @throws ConfigError for units that see different channels
 *
 * @example
 * const truth = await gratingTuning(trueModel(await readTruth(experiment.sessions[0]), twin.view));
 */
export function trueModel(units: readonly UnitTruth[], view: TwinView): Observer {
  if (units.some(({ channel = 0 }) => channel > 0))
    throw new ConfigError("trueModel", [
      {
        path: "units",
        message:
          "see different channels of a stimulus; the observer has one channel: simulate sessions without --channels",
      },
    ]);
  const { height: size, lags, samplingRate } = view;
  const filters = units.flatMap((unit) =>
    [unit.phase, unit.phase + Math.PI / 2].map((phase) =>
      gaborFilter(size, { ...unit, phase }).map((value) => value / unit.sigma),
    ),
  );
  const kernels = units.flatMap(({ temporalKernel }) => {
    const taps = lags.map((lag) => temporalKernel[lag] ?? 0);
    return [taps, taps];
  });
  const pools = units.map((unit) => envelope(unit, size));
  const frames = NORMALISATION_SECONDS * samplingRate;
  const memory = lags.map((lag) => (1 - Math.exp(-1 / frames)) * Math.exp(-lag / frames));
  const row = (key: "gain" | "baseline" | "normalisation") => tf.tensor2d([units.map((unit) => unit[key])]);
  return {
    view,
    units: units.map(({ cid }) => `unit ${cid}`),
    rates: (contrast) => {
      const [batch] = contrast.shape;
      const pixels = tf.reshape(contrast, [batch * lags.length, size * size]) as tf.Tensor2D;
      const perLag = (frames: tf.Tensor2D, maps: readonly Float32Array[]) => {
        const matrix = tf.tensor2d(maps.map((map) => Array.from(map)));
        return tf.reshape(tf.matMul(frames, matrix, false, true), [batch, lags.length, maps.length]);
      };
      const drives = tf.sum(tf.mul(perLag(pixels, filters), tf.transpose(tf.tensor2d(kernels))), 1);
      const [first, second] = tf.unstack(tf.reshape(drives, [batch, units.length, 2]), 2);
      const energy = tf.add(tf.square(first!), tf.square(second!));
      const isComplex = tf.tensor2d([units.map(({ kind }) => Number(kind === "complex"))]);
      const simple = tf.mul(tf.square(tf.relu(first!)), tf.sub(1, isComplex));
      const drive = tf.add(tf.mul(energy, isComplex), simple);
      const contrastOf = perLag(tf.square(pixels), pools);
      const local = tf.sum(tf.mul(contrastOf, tf.tensor2d(memory, [lags.length, 1])), 1);
      const normalised = tf.add(tf.add(drive, SEMI_SATURATION ** 2), tf.mul(local, row("normalisation")));
      const rate = tf.add(tf.div(tf.mul(drive, row("gain")), normalised), row("baseline"));
      return tf.div(rate, samplingRate) as tf.Tensor2D;
    },
  };
}
