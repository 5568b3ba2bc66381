import { Command, Option } from "commander";
import { ConfigError } from "../../base/config";
import {
  contrastiveInput,
  diverseInputs,
  type InputOptions,
  inputsFigure,
  inputsOf,
  metamers,
  mostExcitingInputs,
  mostInhibitingInputs,
  naturalWindows,
  type Observer,
  observe,
  presentWindows,
  type ShownInput,
  type Smoothing,
} from "../../insilico";
import { SMOOTHINGS } from "../../insilico/smoothing";
import type { ChosenUnits, Twin } from "../../twin";
import { positive, positiveNumber, whole } from "../arguments";
import { experiment, type Flags, type Measured, rounded } from "./experiment";

const GOALS = ["exciting", "inhibiting", "diverse", "contrastive", "metamers"] as const;

interface InputFlags extends Flags {
  readonly goal: (typeof GOALS)[number];
  readonly inhibit: boolean;
  readonly steps: number;
  readonly seeds: number;
  readonly seed: number;
  readonly rms?: number;
  readonly range: number;
  readonly smooth: Smoothing;
  readonly still: boolean;
  readonly count?: number;
}

/** `gradbook inputs RUN`: finds inputs of a twin's units by gradient ascent. */
export function inputsCommand(): Command {
  const command = new Command("inputs")
    .description(
      "find the movie that drives each of a twin's units most, by gradient ascent; or inputs with another goal",
    )
    .addOption(
      new Option(
        "--goal <what>",
        "exciting: drive each unit most; inhibiting: least; diverse: different inputs that all drive a unit; contrastive: drive the units of --units and no other unit of the session; metamers: the rates of a natural picture",
      )
        .choices(GOALS)
        .default("exciting"),
    )
    .option("--steps <n>", "the number of steps of gradient ascent", positive, 150)
    .option("--seeds <n>", "the number of starts; the best input is kept", positive, 2)
    .option(
      "--seed <n>",
      "the first seed of the noise at the start, and of the picture of metamers",
      whole,
      0,
    )
    .option("--rms <contrast>", "the largest root mean square contrast (default: no limit)", positiveNumber)
    .option("--range <contrast>", "the largest contrast of a pixel", positiveNumber, 1)
    .addOption(
      new Option("--smooth <how>", "smooth gradients by a blur, or the spectrum of inputs")
        .choices(SMOOTHINGS)
        .default("blur"),
    )
    .option("--still", "find images that are shown during all lags, and not movies", false)
    .option("--count <n>", "the number of diverse inputs (default: 8) or metamers (default: 4)", positive)
    .option("--inhibit", "the same as --goal inhibiting", false);
  return experiment(command, measure);
}

async function measure(
  observer: Observer,
  flags: InputFlags,
  twin: Twin,
  chosen: ChosenUnits,
): Promise<Measured> {
  const { steps, rms, range, smooth, still, seed, count } = flags;
  const options = { steps, range, smooth, still, seed, ...(rms === undefined ? {} : { rms }) };
  const several = { ...options, ...(count === undefined ? {} : { count }) };
  const goal = flags.inhibit ? "inhibiting" : flags.goal;
  if (goal === "diverse") return diverse(observer, several);
  if (goal === "contrastive") return contrastive(observer, twin, chosen, options);
  if (goal === "metamers") return ofMetamers(observer, several);
  const find = goal === "inhibiting" ? mostInhibitingInputs : mostExcitingInputs;
  const inputs = await find(observer, { ...options, seeds: flags.seeds });
  const rows = inputs.map(({ unit, rate, agreement }) => ({
    unit,
    "rate (per bin)": rounded(rate),
    "agreement of seeds": agreement === undefined ? "" : rounded(agreement, 2),
  }));
  return { rows, figure: inputsFigure(inputs, observer.view), data: inputs };
}

type Several = InputOptions & { count?: number };

async function diverse(observer: Observer, options: Several): Promise<Measured> {
  const { count: _, ...how } = options;
  const best = await mostExcitingInputs(observer, { ...how, seeds: 1 });
  const all: (ShownInput & { of: string })[] = [];
  for (const [u, { unit, rate }] of best.entries()) {
    const found = await diverseInputs(observer, u, rate, options);
    all.push(...inputsOf(found, observer, unit, u).map((input) => ({ ...input, of: unit })));
  }
  const rows = all.map(({ unit, of, rate }) => ({
    input: unit,
    "rate (per bin)": rounded(rate),
    "share of the most exciting": rounded(rate / best.find((input) => input.unit === of)!.rate),
  }));
  return { rows, figure: inputsFigure(all, observer.view), data: all };
}

async function contrastive(
  observer: Observer,
  twin: Twin,
  { session, units }: ChosenUnits,
  options: InputOptions,
): Promise<Measured> {
  if (session === undefined || !units) {
    const message =
      "contrastive needs --session and --units: the units to drive, while the others of the session stay silent";
    throw new ConfigError("gradbook inputs", [{ path: "--goal", message }]);
  }
  const everyone = observe(twin, { session });
  const targets = observer.units.map((unit) => everyone.units.indexOf(unit));
  const best = await mostExcitingInputs(everyone, { ...options, seeds: 1 });
  const found = await contrastiveInput(everyone, targets, {
    ...options,
    scales: best.map(({ rate }) => rate),
  });
  const rows = everyone.units.map((unit, u) => ({
    unit,
    target: targets.includes(u) ? "yes" : "",
    "rate (per bin)": rounded(found.rates[u]!),
    "share of the most exciting": rounded(found.rates[u]! / best[u]!.rate),
  }));
  const shown = [{ unit: observer.units.join(", "), input: found.inputs, rate: found.rates[targets[0]!]! }];
  return { rows, figure: inputsFigure(shown, observer.view), data: { ...found, targets: observer.units } };
}

async function ofMetamers(observer: Observer, options: Several): Promise<Measured> {
  const picture = naturalWindows(observer.view, 1, { seed: options.seed ?? 0 });
  const { values } = picture;
  const aim = await presentWindows(observer, picture);
  const found = await metamers(observer, aim, options);
  const inputs = [{ unit: "picture", input: values, rate: aim[0]! }, ...inputsOf(found, observer, "metamer")];
  const rows = observer.units.map((unit, u) => ({
    unit,
    picture: rounded(aim[u]!),
    ...Object.fromEntries(
      inputs
        .slice(1)
        .map((_, i) => [`metamer ${i + 1}`, rounded(found.rates[i * observer.units.length + u]!)]),
    ),
  }));
  return {
    rows,
    figure: inputsFigure(inputs, observer.view),
    data: { picture: { values, rates: aim }, metamers: found },
  };
}
