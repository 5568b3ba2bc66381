import { basename, join } from "node:path";
import { ConfigError } from "../base/config";
import { toCsv } from "../base/files/csv";
import type { NumpyArray } from "../base/numpy/npy";
import type { PreparedSession } from "../data";
import { isSensorium, trialFacts } from "../data/sensorium";
import { longestLag } from "../data/session-lags";
import { type Presentation, presentationsOf } from "../data/stimuli";
import type { TwinModule } from "../twin/twin-module";

/** The number of frames at the start of each video that Sensorium 2023 does not score. */
const SKIPPED = 50;

/** The names under which arrays of `meta/trials` hold the numbers of images. */
const IMAGE_IDS = ["frame_image_id", "image_id", "colorframeprojector_image_id"];

/** A file of a submission. */
export interface SubmissionFile {
  readonly name: string;
  readonly text: string;
  /** The tier, and the number of its trials. */
  readonly tier: string;
  readonly trials: number;
}

/**
 * Predicts the tiers whose responses the Sensorium competitions withhold. For images (2022) there is a CSV file for each session and tier,
 * `test` (named `live_test`, as the competition does) and `final_test`, with the columns `trial_indices`, `image_ids`, `prediction` and
 * `neuron_ids`. For videos (2023) there is a CSV file for each tier with `mouse`, `trial_indices`, `prediction` `[units][frames]` without the first
 * 50 frames, and `neuron_ids`. Lists are written as in Python (https://github.com/sinzlab/sensorium, https://github.com/ecker-lab/sensorium_2023).
 *
 * @throws ConfigError when a session is no Sensorium recording, or has no such tier
 */
export async function sensoriumSubmission(twin: TwinModule): Promise<SubmissionFile[]> {
  const { sessions } = twin;
  const isVideo = sessions.every(({ parts }) => parts.every(({ type }) => type === "videos"));
  const tables = new Map<string, { tier: string; rows: (string | number)[][] }>();
  for (const [i, session] of sessions.entries()) {
    const trials = withheldTrials(session, isVideo);
    const predictions = await predictionsOf(twin, i, trials, isVideo);
    const ids = listed(session.cids);
    for (const [k, { tier, trial, number, imageId }] of trials.entries()) {
      const name = isVideo ? videoFile(tier) : imageFile(tier, session, sessions.length > 1);
      const table = tables.get(name) ?? { tier, rows: [] };
      tables.set(name, table);
      const prediction = predictions[k]!;
      table.rows.push(
        isVideo ? [basename(session.file), trial, prediction, ids] : [number, imageId, prediction, ids],
      );
    }
  }
  const columns = isVideo
    ? ["mouse", "trial_indices", "prediction", "neuron_ids"]
    : ["trial_indices", "image_ids", "prediction", "neuron_ids"];
  return [...tables].map(([name, { tier, rows }]) => ({
    name,
    tier,
    trials: rows.length,
    text: toCsv([columns, ...rows]),
  }));
}

const imageFile = (tier: string, { name }: PreparedSession, several: boolean) =>
  `submission_file_${tier === "test" ? "live_test" : tier}${several ? `_${name}` : ""}.csv`;

/** The competition calls the tiers `..._bonus` the track `ood`. */
const videoFile = (tier: string) =>
  `predictions_file_${tier}_${tier.endsWith("_bonus") ? "ood" : "main"}_track.csv`;

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
  if (isVideo && longest > SKIPPED) throw fail("keys_lags", `has a lag of ${longest} frames, but the competition scores videos from frame ${SKIPPED} on`); // biome-ignore format: one line
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

/** Returns the predictions of trials as text: `[units]` for an image, `[units][frames]` for a video. */
async function predictionsOf(
  twin: TwinModule,
  session: number,
  trials: readonly WithheldTrial[],
  isVideo: boolean,
): Promise<string[]> {
  const units = twin.sessions[session]!.cids.length;
  const skipped = isVideo ? SKIPPED : 0;
  const scored = trials.map(({ presentation: { first, length } }) =>
    Array.from({ length: Math.max(0, length - skipped) }, (_, t) => first + skipped + t),
  );
  if (!isVideo) {
    // A call computes whole batches, so a call for each image would compute many frames in vain.
    const rates = await twin.predict(session, scored.flat());
    let end = 0;
    return scored.map(({ length }) => {
      const start = end;
      end += length * units;
      return listed(rates.subarray(start, end));
    });
  }
  const texts: string[] = [];
  for (const frames of scored) {
    const rates = await twin.predict(session, frames);
    const ofUnit = (unit: number) => listed(frames.map((_, t) => rates[t * units + unit]!));
    texts.push(`[${Array.from({ length: units }, (_, unit) => ofUnit(unit)).join(", ")}]`);
  }
  return texts;
}

/** Writes numbers as a list of Python. Rates have the precision of float32. */
const listed = (values: ArrayLike<number>) =>
  `[${Array.from(values, (value) => Number(value.toPrecision(8))).join(", ")}]`;
