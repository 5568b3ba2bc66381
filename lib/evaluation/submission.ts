import { basename, join } from "node:path";
import { ConfigError } from "../base/config";
import { writing } from "../base/files/atomic";
import { makeFolder } from "../base/files/folder";
import type { NumpyArray } from "../base/numpy/npy";
import type { PreparedSession } from "../data";
import { isSensorium, trialFacts } from "../data/sensorium";
import { longestLag } from "../data/session-lags";
import { type Presentation, presentationsOf } from "../data/stimuli";
import type { TwinModule } from "../twin/twin-module";
import { csvFile, type PredictionFile, parquetFile } from "./submission-file";

/** The number of frames at the start of each video that Sensorium 2023 does not score. */
const SKIPPED = 50;

/** The names under which arrays of `meta/trials` hold the numbers of images. */
const IMAGE_IDS = ["frame_image_id", "image_id", "colorframeprojector_image_id"];

/** A file of a submission. */
export interface SubmissionFile {
  readonly path: string;
  /** The tier, and the number of its trials. */
  readonly tier: string;
  readonly trials: number;
}

/**
 * Predicts the tiers whose responses the Sensorium competitions withhold, and writes them into a folder. For images (2022) there is a CSV
 * file for each session and tier, `test` (named `live_test`, as the competition does) and `final_test`, with the columns `trial_indices`,
 * `image_ids`, `prediction` and `neuron_ids`; lists are written as in Python (https://github.com/sinzlab/sensorium). For videos (2023) there
 * is a Parquet file for each tier with `mouse`, `trial_indices`, `prediction` `[units][frames]` without the first 50 frames, and `neuron_ids`
 * (https://github.com/ecker-lab/sensorium_2023).
 *
 * @throws ConfigError when a session is no Sensorium recording, or has no such tier
 */
export async function writeSubmission(twin: TwinModule, folder: string): Promise<SubmissionFile[]> {
  const { sessions } = twin;
  const isVideo = sessions.every(({ parts }) => parts.every(({ type }) => type === "videos"));
  const withheld = sessions.map((session) => withheldTrials(session, isVideo));
  const files = new Map<string, { tier: string; trials: number; file: PredictionFile }>();
  const fileOf = async (tier: string, session: PreparedSession) => {
    const path = join(folder, isVideo ? videoFile(tier) : imageFile(tier, session, sessions.length > 1));
    const found = files.get(path) ?? {
      tier,
      trials: 0,
      file: isVideo ? await parquetFile(path) : csvFile(path),
    };
    files.set(path, found);
    return found;
  };
  makeFolder(folder);
  try {
    for (const [i, session] of sessions.entries()) {
      const { file, cids } = session;
      for await (const { withheld: trial, rates } of predictionsOf(twin, i, withheld[i]!, isVideo)) {
        const found = await fileOf(trial.tier, session);
        found.trials++;
        writing(folder, () => found.file.add({ mouse: basename(file), ...trial, rates, cids }));
      }
    }
    for (const { file } of files.values()) writing(folder, () => file.close());
    return [...files].map(([path, { tier, trials }]) => ({ path, tier, trials }));
  } finally {
    for (const { file } of files.values()) file.discard();
  }
}

const imageFile = (tier: string, { name }: PreparedSession, several: boolean) =>
  `submission_file_${tier === "test" ? "live_test" : tier}${several ? `_${name}` : ""}.csv`;

/** The competition calls the tiers `..._bonus` the track `ood`. */
const videoFile = (tier: string) =>
  `predictions_file_${tier}_${tier.endsWith("_bonus") ? "ood" : "main"}_track.parquet.brotli`;

interface WithheldTrial {
  readonly tier: string;
  /** The number of the trial's file, and the trial's own number. */
  readonly trial: number;
  readonly number: number;
  readonly imageId: number;
  readonly presentation: Presentation;
}

function withheldTrials(session: PreparedSession, isVideo: boolean): WithheldTrial[] {
  const { file, trialInds } = session;
  const fail = (path: string, message: string) => new ConfigError(file, [{ path, message }]);
  if (!isSensorium(file))
    throw fail(
      "",
      "is no Sensorium folder, so there is nothing to submit; train on the folder itself (gradbook convert --link)",
    );
  const longest = longestLag(session);
  if (isVideo && longest > SKIPPED)
    throw fail(
      "keys_lags",
      `has a lag of ${longest} frames, but the competition scores videos from frame ${SKIPPED} on`,
    );
  const presentations = presentationsOf(trialInds);
  const facts = trialFacts(file, presentations.length);
  const numbers = (names: readonly string[]) => {
    const found = names.map((name) => facts.get(name)).find((fact) => fact && !Array.isArray(fact));
    return found && !Array.isArray(found) ? (found as NumpyArray).values : undefined;
  };
  const [ids, own, tiers] = [numbers(IMAGE_IDS), numbers(["trial_idx"]), facts.get("tiers")];
  const isWithheld = (tier: string) => (isVideo ? /^(live|final)_test/ : /^(test|final_test)$/).test(tier);
  const withheld = (Array.isArray(tiers) ? (tiers as string[]) : []).flatMap((tier, trial) =>
    isWithheld(tier)
      ? [
          {
            tier,
            trial,
            number: own?.[trial] ?? trial,
            imageId: ids?.[trial] ?? trial,
            presentation: presentations[trial]!,
          },
        ]
      : [],
  );
  if (withheld.length > 0) return withheld;
  const wanted = isVideo
    ? "live_test_main, live_test_bonus, final_test_main, final_test_bonus"
    : "test, final_test";
  throw fail(join("meta", "trials", "tiers.npy"), `has no trial of a tier to submit: ${wanted}`);
}

/** Predicts trials one after another. @returns the rates of each, `[frames, units]` */
async function* predictionsOf(
  twin: TwinModule,
  session: number,
  trials: readonly WithheldTrial[],
  isVideo: boolean,
): AsyncGenerator<{ withheld: WithheldTrial; rates: Float32Array }> {
  const skipped = isVideo ? SKIPPED : 0;
  const scored = trials.map(({ presentation: { first, length } }) =>
    Array.from({ length: Math.max(0, length - skipped) }, (_, t) => first + skipped + t),
  );
  // A call computes whole batches, so a call for each image would compute many frames in vain.
  const all = isVideo ? undefined : await twin.predict(session, scored.flat());
  const units = twin.sessions[session]!.cids.length;
  let end = 0;
  for (const [i, frames] of scored.entries()) {
    const start = end;
    end += frames.length * units;
    const rates = all ? all.subarray(start, end) : await twin.predict(session, frames);
    yield { withheld: trials[i]!, rates };
  }
}
