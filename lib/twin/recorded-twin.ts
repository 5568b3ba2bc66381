import { z } from "zod";
import { ConfigError, check, modulesNamedIn } from "../base/config";
import { MOVIE_DTYPES } from "../base/dsp/movie";
import { sessionSchema } from "../data/session-schema";
import { buildModel, type Model, type ModelInput, parseModelConfig } from "../model";

const size = z.int().positive();

/** The part of a run's configuration that a twin is made from; `parseModelConfig` checks the model. */
const schema = z.looseObject({
  model: z.looseObject({}),
  sessions: z.array(sessionSchema).min(1),
  input: z.looseObject({
    lags: size,
    height: size,
    width: size,
    channels: size.default(1),
    units: z.array(size).min(1),
    behaviors: z.int().nonnegative().optional(),
    unitCoordinates: z.array(z.array(z.array(z.number()).min(1))).optional(),
    unitGroups: z.array(z.array(z.int().nonnegative())).optional(),
  }),
  dset_dtype: z.enum(MOVIE_DTYPES).default("uint8"),
  recordings: z
    .array(z.object({ sampling_rate: z.number().positive(), pixels_per_degree: z.number().positive() }))
    .optional(),
});

/** A twin as a run recorded it: the configurations of its model and its sessions, and the sizes of its input. */
export type RecordedTwin = z.output<typeof schema>;

/** Whether code that a recorded configuration names may run. */
export interface TrustOptions {
  /** Whether the modules that the run's configuration names may be run. Default: no. */
  trust?: boolean;
  /** Receives the path of each module before it is run. */
  onModule?: (file: string) => void;
}

/**
 * Checks the configuration that a run recorded.
 *
 * @param where its file, for errors
 * @returns undefined when the run trained something other than a twin
 * @throws ConfigError when the configuration is damaged, or names modules that are not trusted
 */
export function recordedTwin(
  config: unknown,
  where: string,
  options: TrustOptions = {},
): RecordedTwin | undefined {
  if (typeof config !== "object" || config === null) return undefined;
  if (!("model" in config && "sessions" in config && "input" in config)) return undefined;
  const recorded = check(schema, config, where);
  requireTrust([recorded.model, recorded.sessions], where, options);
  return recorded;
}

/** Builds the model of a recorded twin, with initial weights. The caller disposes it. */
export function modelOf({ model, input }: RecordedTwin, where: string): Model {
  return buildModel(parseModelConfig(model, where), input as ModelInput, 0, where);
}

/** Refuses to run modules that are not trusted: a run may come from another person, and its modules could do anything. */
function requireTrust(config: unknown, where: string, { trust = false, onModule }: TrustOptions): void {
  const modules = modulesNamedIn(config, where);
  if (trust) for (const file of modules) onModule?.(file);
  else if (modules.length > 0)
    throw new ConfigError(where, [
      {
        path: "",
        message: `names components in ${modules.join(", ")}, which would be run; if you trust them, give --trust (in code: trust: true)`,
      },
    ]);
}
