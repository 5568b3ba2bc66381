import type { Note } from "../base/config/notes";
import type { ModelConfig } from "./config";
import type { ModelInput, ModelPlan } from "./planned";

/**
 * Returns notes on those options of a model that follow from its other parts, where the configuration has other values. The derived values
 * are used.
 *
 * @param where the file of the configuration
 */
export function notesOfDerived(
  config: ModelConfig,
  { units, sessionStages = [] }: ModelInput,
  { stages, core }: ModelPlan,
  where: string,
): Note[] {
  const features = stages.find(({ stage }) => stage === "convnet")!.outputShape.at(-1)!;
  const ofModel = units.filter((_, session) => !sessionStages[session]?.readout);
  const different = ({ given, used, path, origin }: Derived): Note[] => {
    if (given === undefined || used.every((value) => value === given)) return [];
    const values = [...new Set(used)].join(", ");
    const message = `is ${given}, but ${values} ${values === String(used[0]) ? "is" : "are"} used: ${origin}; leave it out`;
    return [{ where, path, message }];
  };
  const inReadout = (params: Params, path: string, counts: readonly number[]): Derived[] => [
    {
      given: params.n_units,
      used: counts,
      path: `${path}.n_units`,
      origin: "the units in the sessions' cids",
    },
    {
      given: params.in_channels,
      used: [core.channels],
      path: `${path}.in_channels`,
      origin: "the core's channels",
    },
  ];
  const derived: Derived[] = [
    ...inReadout(config.readout.params, "readout.params", ofModel),
    ...sessionStages.flatMap(({ readout }, session) =>
      readout ? inReadout(readout.params, `sessions.${session}.readout.params`, [units[session]!]) : [],
    ),
    {
      given: config.modulator.params.feature_dim,
      used: [features],
      path: "modulator.params.feature_dim",
      origin: "the channels that reach the modulator",
    },
  ];
  return derived.flatMap(different);
}

type Params = Readonly<Record<string, unknown>>;

/** An option that follows from other parts. */
interface Derived {
  readonly given: unknown;
  /** The derived values. */
  readonly used: readonly number[];
  readonly path: string;
  readonly origin: string;
}
