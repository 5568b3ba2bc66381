import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { isFolder } from "../../base/files/folder";
import { readExperanto } from "../experanto/experanto";
import { isExperanto, type Modality } from "../experanto/modality";
import { propertyFile } from "../experanto/units";
import { wholeMovie } from "../read-recording";
import {
  defineImporter,
  gapsNote,
  type Imported,
  PIXELS_PER_DEGREE,
  positiveNumber,
  RESPONSE_KIND,
} from "./importer";

/** Copies a recording of experanto into one session file. Training also reads its folder without a copy. */
export const experanto = defineImporter({
  name: "experanto",
  description: "a folder of experanto: screen/, responses/ and other modalities with a meta.yml",
  options: {
    sampling_rate: {
      schema: positiveNumber.optional(),
      value: "hz",
      help: "frames per second: each frame shows what is on the screen (default: the frames of the screen)",
    },
    pixels_per_degree: PIXELS_PER_DEGREE,
    kind: RESPONSE_KIND,
  },
  accepts: (path) => isFolder(path) && isExperanto(path),
  read(path, { sampling_rate: rate, pixels_per_degree: pixelsPerDegree = 1, kind }) {
    const found = readExperanto(path, wholeMovie, kind, rate);
    return { session: { ...found.session, pixelsPerDegree }, ...factsOf(found) };
  },
});

/** Describes what became of the modalities of a recording, for the user. */
function factsOf({
  session,
  modalities: { screen, responses, sequences, intervals, others },
  lost,
}: ReturnType<typeof readExperanto>): Omit<Imported, "session"> {
  const { others: covariates } = session.recordings.screen!;
  const way =
    responses.kind === "spikes"
      ? "spikes counted in each frame"
      : "samples averaged in each frame, or interpolated where there are none";
  const eye = sequences.find(({ name }) => name === "eye_tracker");
  const isGaze = covariates.eye_tracker?.shape[1] === 2;
  const tiers = covariates.tiers
    ? [
        `tiers: the trials of the screen${lost > 0 ? `; ${lost} frames without responses belong to none` : ""}`,
      ]
    : [];
  return {
    taken: [
      "stim: screen",
      `robs: ${responses.name}: ${way}`,
      ...sequences.map(({ name }) => `${name}: interpolated to frames${gaps(covariates, name)}`),
      ...intervals.map(({ name }) => `${name}: 1 in its intervals, a covariate for each label`),
      ...(isGaze ? ["eyepos: eye_tracker, in standard deviations from its mean"] : []),
      ...tiers,
      ...(hasProperty(responses, "unit_ids") ? ["cids: unit_ids of the responses"] : []),
      ...(session.coordinates ? ["unit_coordinates: cell_motor_coordinates of the responses"] : []),
    ],
    assumed: [
      "trial_inds: each image, video and gray screen is a trial",
      ...(hasProperty(responses, "unit_ids") ? [] : ["cids: from 0"]),
      ...(isGaze ? [] : ["eyepos: 0, the centre"]),
      ...(eye ? [] : ["dpi_valid: 1, always valid"]),
    ],
    leftOut: [
      ...others.map(({ name, kind }) => `${name}: no part of a session (modality ${kind})`),
      ...[screen, responses, ...sequences].flatMap(unusedIn),
    ],
  };
}

const hasProperty = (responses: Modality, name: string) => propertyFile(responses, name) !== undefined;

/** The files of a modality's folder `meta` that become part of the session. */
const USED = ["unit_ids.npy", "cell_motor_coordinates.npy", "phase_shifts.npy"];

/** Lists the arrays about a modality that are not read, such as its means. */
function unusedIn({ name, folder }: Modality): string[] {
  const meta = join(folder, "meta");
  const files = existsSync(meta) ? readdirSync(meta).filter((file) => file.endsWith(".npy")) : [];
  return files
    .filter((file) => !USED.includes(file))
    .sort()
    .map((file) => `${name}/meta/${file}: no part of a session`);
}

function gaps(covariates: Readonly<Record<string, { readonly values: Float32Array }>>, name: string): string {
  const valid = covariates[`${name}_valid`]?.values;
  return valid ? gapsNote(valid, `${name}_valid`) : "";
}
