import { compile, tf } from "../engine";
import type { CoreStage, StageTap } from "../model";
import type { TwinView } from "../twin/stimulus";
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
  windows: Windows,
  chosen: ChosenUnits = {},
): Promise<ChannelEffects> {
  const { view, units } = observe(twin, chosen);
  let count = 0;
  const counting: StageTap = (at, output) => {
    if (at === stage) count = output.shape[4];
    return output;
  };
  const whole = compile((shown: tf.Tensor4D) =>
    tf.mean(observe(twin.tapped(counting), chosen).rates(shown), 0),
  );
  const ablated = compile((shown: tf.Tensor4D, kept: tf.Tensor1D) =>
    tf.mean(observe(twin.tapped(masking(stage, kept)), chosen).rates(shown), 0),
  );
  try {
    const intact = await meanRates(windows, view, units.length, whole);
    const channels = Array.from({ length: count }, (_, channel) => channel);
    const values = new Float32Array(count * units.length);
    for (const channel of channels) {
      const kept = tf.tensor1d(channels.map((other) => Number(other !== channel)));
      const without = await meanRates(windows, view, units.length, (shown) => ablated(shown, kept));
      kept.dispose();
      values.set(
        without.map((rate, u) => rate / intact[u]! - 1),
        channel * units.length,
      );
    }
    return { channels, units, values };
  } finally {
    ablated.dispose();
    whole.dispose();
  }
}

/**
 * Returns the mean rates over all windows, `[units]`.
 *
 * @param ratesOf computes the mean rates over some windows
 */
async function meanRates(
  { count, values }: Windows,
  { lags, height, width }: TwinView,
  units: number,
  ratesOf: (shown: tf.Tensor4D) => Promise<tf.Tensor>,
): Promise<Float32Array> {
  const size = lags.length * height * width;
  const part = partSize(count, BATCH);
  const mean = new Float32Array(units);
  for (let from = 0; from < count; from += part) {
    const own = Math.min(part, count - from);
    const some = values.subarray(from * size, (from + own) * size);
    const shown = tf.tensor4d(some, [own, lags.length, height, width]);
    const found = await ratesOf(shown);
    for (const [u, rate] of found.dataSync<"float32">().entries()) mean[u]! += (rate * own) / count;
    tf.dispose([shown, found]);
  }
  return mean;
}

const masking =
  (stage: CoreStage, kept: tf.Tensor1D): StageTap =>
  (at, output) =>
    at === stage ? tf.mul(output, kept) : output;
