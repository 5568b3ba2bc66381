import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { isFolder } from "../../base/files/folder";
import { wholeMovie } from "../read-recording";
import { readSession } from "../read-session";
import { isSensorium, RATES, trialFacts } from "../sensorium";
import type { Session } from "../session";
import { TrialFolder } from "../trial-folder";
import { defineImporter, RESPONSE_KIND } from "./importer";

/** Copies a recording of the Sensorium competitions into one session file. Training also reads its folder without a copy. */
export const sensorium = defineImporter({
  name: "sensorium",
  description: "a folder of the Sensorium competitions: data/images or data/videos, data/responses, meta/",
  options: { kind: RESPONSE_KIND },
  accepts: isSensorium,
  async read(path, { kind }) {
    const session = await readSession(path, undefined, wholeMovie, kind);
    return { session, ...factsOf(path, session) };
  },
});

/** Describes what became of the files of a recording, for the user. */
function factsOf(
  path: string,
  { recordings }: Session,
): { taken: string[]; assumed: string[]; leftOut: string[] } {
  const types = TrialFolder.stimuli(path);
  const folder = new TrialFolder(path, types[0]!);
  const facts = trialFacts(path, folder.trials);
  const ofTrials = [...facts].filter(([name, fact]) => name !== "tiers" && !Array.isArray(fact));
  const neurons = (name: string) => existsSync(join(path, "meta", "neurons", `${name}.npy`));
  const isRounded = recordings[types[0]!]!.stim instanceof Uint8Array;
  return {
    taken: [
      `stim: data/${types.join(", data/")}${isRounded ? ", rounded to bytes" : ""}`,
      "robs: data/responses; 0 where they are withheld",
      ...folder.names.filter((name) => name !== "responses").map((name) => `${name}: data/${name}`),
      ...(folder.names.includes("pupil_center")
        ? ["eyepos: data/pupil_center, in standard deviations from its mean"]
        : []),
      ...(facts.has("tiers") ? ["tiers: meta/trials/tiers.npy"] : []),
      ...ofTrials.map(([name]) => `${name}: meta/trials/${name}.npy`),
      ...(neurons("unit_ids") ? ["cids: meta/neurons/unit_ids.npy"] : []),
      ...(neurons("cell_motor_coordinates")
        ? ["unit_coordinates: meta/neurons/cell_motor_coordinates.npy"]
        : []),
    ],
    assumed: [
      ...types.map((type) => `t_bins of ${type}: ${RATES[type]} frames per second`),
      "trial_inds: the numbers of the files",
      ...(neurons("unit_ids") ? [] : ["cids: from 0"]),
      ...(folder.names.includes("pupil_center")
        ? []
        : ["eyepos: 0, the centre", "dpi_valid: 1, always valid"]),
    ],
    leftOut: [
      ...[...facts]
        .filter(([name, fact]) => name !== "tiers" && Array.isArray(fact))
        .map(([name]) => `meta/trials/${name}.npy: text`),
      ...filesIn(join(path, "meta", "neurons"))
        .filter((name) => name !== "unit_ids.npy" && name !== "cell_motor_coordinates.npy")
        .map((name) => `meta/neurons/${name}: no part of a session`),
      ...(isFolder(join(path, "meta", "statistics"))
        ? ["meta/statistics: computed from the data where it is needed"]
        : []),
    ],
  };
}

const filesIn = (folder: string) => (existsSync(folder) ? readdirSync(folder).sort() : []);
