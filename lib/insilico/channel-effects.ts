import { compile, tf } from "../engine";
import type { CoreStage, StageTap } from "../model";
import type { ChosenUnits, Twin } from "../twin/twin";
import { observe } from "./observer";
import { partSize } from "./present";
import type { Windows } from "./windows";

/** The largest number of windows that are shown at once. */
const BATCH = 64;

/** The effects of a stage's channels on the rates of units. */
export interface ChannelEffects {
  /** The numbers of the channels. */
  readonly channels: readonly number[];
  readonly units: readonly string[];
  /**
   * The mean change of a unit's rate without a channel, relative to the unit's mean rate, `[channels, units]`: -1 when the unit does not
   * respond without the channel, and over 0 when the channel inhibits it.
   */
  readonly values: Float32Array;
}

/**
 * Measures what each channel of a stage contributes to the rates of units, by setting the channel to 0 (ablation).
 *
 * @param windows the stimuli, such as `naturalWindows`
 * @throws ConfigError as `observe`
 */
export async function channelEffects(
  twin: Twin,
  stage: CoreStage,
  { count, values }: Windows,
  chosen: ChosenUnits = {},
): Promise<ChannelEffects> {
  const { view, units } = observe(twin, chosen);
  let channels = 0;
  const counting: StageTap = (at, output) => {
    if (at === stage) channels = output.shape[4];
    return output;
  };
  const step = compile((shown: tf.Tensor4D, kept: tf.Tensor1D) =>
    tf.mean(observe(twin.tapped(masking(stage, kept)), chosen).rates(shown), 0),
  );
  const whole = compile((shown: tf.Tensor4D) =>
    tf.mean(observe(twin.tapped(counting), chosen).rates(shown), 0),
  );
  const size = view.lags.length * view.height * view.width;
  const part = partSize(count, BATCH);
  /** Returns the mean rates over all windows, `[units]`. */
  const meanOf = async (rates: (shown: tf.Tensor4D) => Promise<tf.Tensor>) => {
    const sum = new Float32Array(units.length);
    for (let from = 0; from < count; from += part) {
      const own = Math.min(part, count - from);
      const some = values.subarray(from * size, (from + own) * size);
      const shown = tf.tensor4d(some, [own, view.lags.length, view.height, view.width]);
      const found = await rates(shown);
      for (const [u, rate] of found.dataSync<"float32">().entries()) sum[u]! += (rate * own) / count;
      tf.dispose([shown, found]);
    }
    return sum;
  };
  try {
    const intact = await meanOf(whole);
    const effects = new Float32Array(channels * units.length);
    for (let channel = 0; channel < channels; channel++) {
      const kept = tf.tensor1d(Array.from({ length: channels }, (_, c) => Number(c !== channel)));
      const without = await meanOf((shown) => step(shown, kept));
      kept.dispose();
      effects.set(
        without.map((rate, u) => rate / intact[u]! - 1),
        channel * units.length,
      );
    }
    return { channels: Array.from({ length: channels }, (_, c) => c), units, values: effects };
  } finally {
    step.dispose();
    whole.dispose();
  }
}

const masking =
  (stage: CoreStage, kept: tf.Tensor1D): StageTap =>
  (at, output) =>
    at === stage ? tf.mul(output, kept) : output;
