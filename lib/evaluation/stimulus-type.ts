import type { PreparedSession } from "../data";
import { prepareSessions } from "../data/load";
import { stimulusTypes } from "../data/read-session";
import { dataForModel } from "../data/serving/data-for-model";
import { Predictor } from "../twin/predictor";
import type { TwinModule } from "../twin/twin-module";

/**
 * Returns the stimulus type that a part of an evaluation uses: the one that is asked for, or, when validation trials are scored, the usual
 * one if the session's file has it.
 */
export async function typeToUse(
  { file }: PreparedSession,
  split: string,
  { asked, usual }: { asked: string | undefined; usual: string },
): Promise<string | undefined> {
  if (asked !== undefined || split !== "validation") return asked;
  return (await stimulusTypes(file)).includes(usual) ? usual : undefined;
}

/** Prepares one stimulus type of a session, which may be one that the twin is not trained on. */
export async function prepareType(
  { config, stimDtype: dsetDtype = "uint8" }: PreparedSession,
  type: string,
): Promise<PreparedSession> {
  // Lists of trials and tiers concern the stimulus types that the twin is trained on.
  const split = config.split === "torch" ? config.split : "gradbook";
  const [prepared] = await prepareSessions([{ ...config, types: [type], split }], { dsetDtype });
  return prepared!;
}

/** Predicts the rates of some frames of a session, `[frames, units]`. */
export type Predict = (frames: Int32Array) => Promise<Float32Array>;

/**
 * Calls a function for each session of a twin in order, with a way to predict its rates.
 *
 * @param others the recordings to use in place of the twin's sessions; undefined for those that stay
 * @returns the results of all calls
 */
export async function forServed<T>(
  twin: TwinModule,
  others: readonly (PreparedSession | undefined)[],
  use: (session: PreparedSession, predict: Predict, index: number) => Promise<T>,
): Promise<T[]> {
  const { model, sessions } = twin;
  // A predictor serves all sessions of a model, so those without another recording are passed unchanged.
  const served = sessions.map((session, i) => others[i] ?? session);
  const data = others.some(Boolean) ? dataForModel(model, served, twin.data.limits) : undefined;
  const predictor = data ? new Predictor(model, served, data) : twin;
  const results: T[] = [];
  try {
    for (const [i, session] of served.entries())
      results.push(await use(session, (frames) => predictor.predict(i, frames), i));
  } finally {
    if (predictor instanceof Predictor) predictor.dispose();
    data?.dispose();
  }
  return results;
}
