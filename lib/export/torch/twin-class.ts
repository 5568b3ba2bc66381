import type { ModelInput } from "../../model";
import type { TwinView } from "../../twin";
import type { DescribedModel } from "./describe";
import { type Expression, printed } from "./expression";
import type { TorchModule } from "./module";

/** Facts about a model that decide what its `forward` reads. */
export interface TwinFacts {
  readonly input: ModelInput;
  readonly view: TwinView;
  readonly seesStimulus: boolean;
  readonly readsBehavior: boolean;
  readonly historyLags: number;
  /** Whether the model sees the newest frame first. */
  readonly newestFirst: boolean;
}

/** Returns the text of the class `Twin`, whose methods contain only the steps that this model has. */
export function twinClass(parts: DescribedModel, facts: TwinFacts): string {
  return `class Twin(nn.Module):
    """A digital twin: one core, and the readouts of each session's units (SESSIONS: names and numbers of units)."""

    def __init__(self):
        super().__init__()
${attributesOf(parts)}

${forward(parts, facts)}

${core(parts, facts)}

${rates(parts)}`;
}

function attributesOf({ core, activation, baselines, ...lists }: DescribedModel): string {
  const { adapters, shifters, readouts, histories } = lists;
  const list = (modules: readonly TorchModule[] | undefined) =>
    modules && { callee: "nn.ModuleList", args: [modules.map(({ code }) => code)], kwargs: {} };
  const attributes: Record<string, Expression | undefined> = {
    adapters: list(adapters),
    ...Object.fromEntries(Object.entries(core).map(([name, { code }]) => [name, code])),
    shifters: list(shifters),
    readouts: list(readouts),
    histories: list(histories),
    activation: activation.code,
    baselines: baselines?.code,
  };
  const indent = " ".repeat(8);
  return Object.entries(attributes)
    .flatMap(([name, code]) =>
      code ? [`${indent}self.${name} = ${printed(code, indent, name.length + 8)}`] : [],
    )
    .join("\n");
}

/** Joins lines of a method's body; absent ones are left out. */
const lines = (...given: readonly (string | false | undefined)[]) =>
  given
    .filter((line) => typeof line === "string")
    .map((line) => `        ${line}`)
    .join("\n");

function forward(parts: DescribedModel, facts: TwinFacts): string {
  const { seesStimulus, readsBehavior, historyLags, newestFirst } = facts;
  const { shifters, histories } = parts;
  const first = seesStimulus ? "stim" : "behavior";
  const given = [
    ...(seesStimulus ? ["stim"] : []),
    ...(readsBehavior ? ["behavior"] : []),
    "session=None",
    ...(shifters ? ["eyepos=None"] : []),
    ...(histories ? ["history=None"] : []),
  ];
  const ofCore = [
    ...(seesStimulus ? [parts.adapters ? "self.adapters[s](stim)" : "stim"] : []),
    ...(readsBehavior ? ["behavior"] : []),
  ];
  const computed = `self.core(${ofCore.join(", ")})`;
  const ofRates = [
    "s",
    parts.adapters ? computed : "core",
    ...(shifters ? ["eyepos"] : []),
    ...(histories ? ["past"] : []),
  ];
  const loop = histories ? "for s, past in zip(sessions, pasts)" : "for s in sessions";
  return `    def forward(self, ${given.join(", ")}):
        """
        Returns the rates of the session's units, or of all sessions' units one after the other, [batch, units].

${described(parts, facts)}
        """
${lines(
  "sessions = chosen(session)",
  shifters && "if eyepos is None:",
  shifters && `    eyepos = ${first}.new_zeros(${first}.shape[0], 2)`,
  histories && "units = [list(SESSIONS.values())[s] for s in sessions]",
  histories && "if history is None:",
  histories && `    history = ${first}.new_zeros(${first}.shape[0], ${historyLags}, sum(units))`,
  newestFirst && seesStimulus && "stim = stim.flip(2)",
  newestFirst && histories && "history = history.flip(1)",
  histories && "pasts = history.split(units, dim=2)",
  !parts.adapters && `core = ${computed}`,
  `return torch.cat([self.rates(${ofRates.join(", ")}) ${loop}], dim=1)`,
)}`;
}

function described(
  parts: DescribedModel,
  { input, view, seesStimulus, readsBehavior, historyLags }: TwinFacts,
) {
  const { lags, height, width, channels = 1, behaviors, behaviorLags = 1 } = input;
  const grey = view.transform ? "as the transforms of the recordings made it" : "(grey level - 127) / 255";
  const all = behaviorLags > 1 ? `${behaviorLags} lags one after the other` : "the variables";
  return lines(
    seesStimulus &&
      `stim: [batch, ${channels}, ${lags}, ${height}, ${width}] as channels, frames, rows, columns, oldest frame first; ${grey}.`,
    seesStimulus &&
      `    The frames are ${counted(view.lags)} frames before the predicted bin, at ${view.samplingRate} frames per second.`,
    readsBehavior && `behavior: [batch, ${behaviors}], ${all} of the animal's behaviour.`,
    "session: the name of a session, or its number from 0. Default: all.",
    parts.shifters && "eyepos: [batch, 2], the position of the eye. Default: 0.",
    parts.histories &&
      `history: [batch, ${historyLags}, units], the units' spike counts in the bins before, oldest first. Default: 0.`,
  );
}

/** Describes the lags of a sample's frames. */
const counted = (lags: readonly number[]) =>
  lags.every((lag, i) => lag === lags[0]! - i) && lags.length > 2
    ? `${lags[0]} to ${lags.at(-1)}`
    : lags.join(", ");

function core({ core: stages }: DescribedModel, { seesStimulus, readsBehavior }: TwinFacts): string {
  const given = [...(seesStimulus ? ["stim"] : []), ...(readsBehavior ? ["behavior"] : [])];
  const applied = Object.keys(stages).map(
    (name) => `x = self.${name}(x${name === "modulator" ? ", behavior" : ""})`,
  );
  return `    def core(self, ${given.join(", ")}):
        """Returns the core's output, [batch, channels, frames, rows, columns]; the readouts read the newest frame."""
${lines(
  seesStimulus ? "x = stim" : "x = behavior.new_ones(behavior.shape[0], 1, 1, 1, 1)",
  ...applied,
  "return x",
)}`;
}

function rates({ shifters, histories, baselines }: DescribedModel): string {
  const given = ["s", "core", ...(shifters ? ["eyepos"] : []), ...(histories ? ["past"] : [])];
  return `    def rates(self, ${given.join(", ")}):
        """Returns the rates of the units of session number s."""
${lines(
  `x = self.readouts[s](core${shifters ? ", self.shifters[s](eyepos)" : ""})`,
  histories && "x = x + self.histories[s](past.flatten(1))",
  `return self.activation(x)${baselines ? " + self.baselines[s]" : ""}`,
)}`;
}
