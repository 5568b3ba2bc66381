import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { writeAtomically } from "../../base/files/atomic";
import type { RescaleMode } from "../../metrics";
import type { TwinModule } from "../../twin/twin-module";
import { evaluate } from "../evaluate";
import { Evaluation } from "../evaluation";
import { EVALUATION, keptEvaluation, type RecordingState } from "./kept-evaluation";
import type { RecordedRun } from "./open-run";

/** The options of `evaluationOfRun`. */
interface RunEvaluationOptions {
  readonly rescale: RescaleMode | undefined;
  readonly onProgress: (doing: string) => void;
}

/**
 * Returns the evaluation of a run's checkpoint. Results that the folder keeps are used for sessions whose recordings have the same size and
 * time as then; the other sessions are evaluated, and the folder keeps the new results.
 *
 * @param twin undefined without the recordings; kept results are then returned as they are
 * @returns undefined when there are neither results nor recordings
 */
export async function evaluationOfRun(
  run: RecordedRun,
  checkpoint: string,
  twin: TwinModule | undefined,
  { rescale, onProgress }: RunEvaluationOptions,
): Promise<Evaluation | undefined> {
  const epochs = run.history.length;
  const kept = keptEvaluation(run.folder, { checkpoint, epochs });
  if (!twin) {
    if (kept && kept.rescale !== rescale)
      onProgress("showing the kept scores, because other ones need the recordings");
    return kept?.evaluation;
  }
  const names = twin.sessions.map(({ name }) => name);
  const recordings = Object.fromEntries(twin.sessions.map(({ name, file }) => [name, stateOf(file)]));
  const same = (name: string) =>
    kept?.recordings[name]?.bytes === recordings[name]!.bytes &&
    kept.recordings[name].modified === recordings[name]!.modified;
  const unchanged = kept && kept.rescale === rescale ? names.filter(same) : [];
  const changed = names.filter((name) => !unchanged.includes(name));
  if (kept && changed.length === 0) return kept.evaluation;
  onProgress(unchanged.length === 0 ? "evaluating" : `evaluating ${changed.join(", ")}`);
  const fresh = await evaluate(twin, { zMaps: true, sessions: changed, ...(rescale ? { rescale } : {}) });
  const evaluation =
    kept && unchanged.length > 0
      ? joinEvaluations(names, (name) => (unchanged.includes(name) ? kept.evaluation : fresh))
      : fresh;
  keep(run.folder, { checkpoint, epochs, rescale, recordings, ...evaluation }, onProgress);
  return evaluation;
}

/** Takes the results of each session from an evaluation. @param source returns the evaluation that has a session */
function joinEvaluations(names: readonly string[], source: (name: string) => Evaluation): Evaluation {
  const all = <T extends { session: string }>(part: (evaluation: Evaluation) => readonly T[]) =>
    names.flatMap((name) => part(source(name)).filter(({ session }) => session === name));
  const units = all((evaluation) => evaluation.units);
  const repeats = units.reduce((most, unit) => Math.max(most, unit.repeats ?? 0), 0);
  const pictures = all((evaluation) => evaluation.spikeTriggered);
  return new Evaluation(
    units,
    pictures,
    all(({ saccades }) => saccades),
    repeats,
    "validation",
    {
      fixations: all(({ fixations }) => fixations),
      zMaps: all(({ zMaps }) => zMaps),
      notes: all(({ notes }) => notes),
    },
  );
}

/** Returns the size of a recording, a file or a folder of files, and the time of its last change. */
function stateOf(path: string): RecordingState {
  const files = statSync(path).isDirectory()
    ? readdirSync(path, { recursive: true, encoding: "utf8" }).map((file) => join(path, file))
    : [path];
  const stats = files
    .flatMap((file) => statSync(file, { throwIfNoEntry: false }) ?? [])
    .filter((stat) => stat.isFile());
  return {
    bytes: stats.reduce((sum, { size }) => sum + size, 0),
    modified: stats.reduce((latest, { mtimeMs }) => Math.max(latest, mtimeMs), 0),
  };
}

/** Saves an evaluation. A folder without write permission, such as another user's, does not end the report. */
function keep(folder: string, kept: object, onProgress: (doing: string) => void): void {
  try {
    writeAtomically(join(folder, EVALUATION), [JSON.stringify(kept)]);
  } catch (error) {
    onProgress(`the evaluation is not saved for the next report (${(error as Error).message})`);
  }
}
