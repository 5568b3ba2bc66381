import { Command, Option } from "commander";
import {
  attributions,
  attributionsFigure,
  channelEffects,
  channelEffectsFigure,
  naturalWindows,
  presentWindows,
} from "../../insilico";
import type { CoreStage } from "../../model";
import { positive, whole } from "../arguments";
import { CORE_STAGES } from "../recorded-run";
import { experiment, type Flags, rounded } from "./experiment";

/** `gradbook attribution RUN`: attributes responses to pixels and lags. */
export function attributionCommand(): Command {
  const command = new Command("attribution")
    .description(
      "attribute the responses of a twin's units to the pixels and lags of a natural picture (integrated gradients)",
    )
    .option("--seed <n>", "the seed of the picture", whole, 0)
    .option("--steps <n>", "the number of gradients between a blank screen and the picture", positive, 64);
  return experiment(command, async (observer, { seed, steps }: Flags & { seed: number; steps: number }) => {
    const { view, units } = observer;
    const picture = naturalWindows(view, 1, { seed }).values;
    const size = picture.length;
    const shown = new Float32Array(2 * size);
    shown.set(picture);
    // The second window is blank.
    const rates = await presentWindows(observer, { count: 2, values: shown });
    const values = await attributions(observer, picture, steps);
    const all = units.map((unit, u) => ({
      unit,
      rate: rates[u]!,
      blank: rates[units.length + u]!,
      attribution: values.subarray(u * size, (u + 1) * size),
    }));
    const rows = all.map(({ unit, rate, blank, attribution }) => ({
      unit,
      "rate (per bin)": rounded(rate),
      "above blank": rounded(rate - blank),
      "sum of shares": rounded(attribution.reduce((sum, share) => sum + share, 0)),
    }));
    return { rows, figure: attributionsFigure(values, units, view), data: { picture, units: all } };
  });
}

/** `gradbook ablation RUN`: measures what the channels of a stage contribute. */
export function ablationCommand(): Command {
  const command = new Command("ablation")
    .description("set each channel of a stage to 0, and measure how the rates for natural pictures change")
    .addOption(new Option("--stage <name>", "the stage").choices(CORE_STAGES).default("convnet"))
    .option("--pictures <n>", "the number of natural pictures", positive, 100);
  type AblationFlags = Flags & { stage: CoreStage; pictures: number };
  return experiment(command, async ({ view }, { stage, pictures }: AblationFlags, twin, chosen) => {
    const effects = await channelEffects(twin, stage, naturalWindows(view, pictures), chosen);
    const { channels, units, values } = effects;
    const rows = units.map((unit, u) => {
      const own = channels.map((channel) => values[channel * units.length + u]!);
      const order = [...channels].sort((a, b) => own[a]! - own[b]!);
      const named = (channel: number) => `${channel} (${Math.round(100 * own[channel]!)} %)`;
      return { unit, "needs channel": named(order[0]!), "most inhibited by": named(order.at(-1)!) };
    });
    return { rows, figure: channelEffectsFigure(effects), data: effects };
  });
}
