import type { PreparedSession } from "../data";
import { behaviorsOf, describeSession } from "../data/serving/multi-dataset";
import type { SampleCounts } from "../data/serving/sharded-order";
import type { SessionConfig } from "../data/session-schema";
import type { ModelConfig, ModelInput } from "../model";
import { inputOf, unitFacts } from "./experiment-input";

/** The facts about a session that a model and its configuration need beside the recording; plain data. */
export interface SessionFacts {
  readonly name: string;
  readonly file: string;
  /** The description of everything that the sessions of one model have in common. */
  readonly kind: string;
  readonly config: SessionConfig;
  readonly samplingRate: number;
  readonly pixelsPerDegree: number;
  readonly units: number;
  readonly train: number;
  readonly validation: number;
  /** The contrast of each training sample for a curriculum: float32 numbers in base64. */
  readonly contrast?: string;
  readonly coordinates?: PreparedSession["coordinates"];
  readonly groups?: PreparedSession["groups"];
}

/** Returns the facts about a prepared session. */
export function factsOf(
  session: PreparedSession,
  { train, validation, contrast }: SampleCounts,
): SessionFacts {
  const { name, file, config, samplingRate, pixelsPerDegree = 1, cids, coordinates, groups } = session;
  return {
    name,
    file,
    kind: describeSession(session),
    config,
    samplingRate,
    pixelsPerDegree,
    units: cids.length,
    train,
    validation,
    ...(contrast ? { contrast: toBase64(contrast) } : {}),
    ...(coordinates ? { coordinates } : {}),
    ...(groups ? { groups } : {}),
  };
}

/** Returns the numbers of samples from facts. */
export function countsOf({ train, validation, contrast }: SessionFacts): SampleCounts {
  return { train, validation, ...(contrast === undefined ? {} : { contrast: fromBase64(contrast) }) };
}

const toBase64 = ({ buffer, byteOffset, byteLength }: Float32Array) =>
  Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength).toString("base64");

const fromBase64 = (text: string) => new Float32Array(Uint8Array.from(Buffer.from(text, "base64")).buffer);

/** Returns the input of a model for sessions. @param first one of the sessions; the others have the same sizes of frames */
export function modelInput(first: PreparedSession, facts: readonly SessionFacts[]): ModelInput {
  const { height, width, channels, lags } = first;
  return {
    lags: lags.length,
    height,
    width,
    channels,
    units: facts.map(({ units }) => units),
    behaviors: behaviorsOf(first),
    ...inputOf(facts.map(({ config }) => config)),
    ...unitFacts(facts),
  };
}

/** Returns the resolved configuration of an experiment, as runs and checkpoints record it. All sessions have the same `stimDtype`. */
export function resolvedConfig(
  model: ModelConfig,
  input: ModelInput,
  { stimDtype }: PreparedSession,
  facts: readonly SessionFacts[],
): Readonly<Record<string, unknown>> {
  return {
    model,
    input,
    sessions: facts.map(({ config }) => config),
    dset_dtype: stimDtype,
    recordings: facts.map(({ samplingRate, pixelsPerDegree }) => ({
      sampling_rate: samplingRate,
      pixels_per_degree: pixelsPerDegree,
    })),
  };
}
