import { existsSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { z } from "zod";
import { below, ConfigError, check, type Place, problemAt, readYaml } from "../../base/config";
import type { Modality } from "./modality";

const KINDS = ["image", "video", "blank", "invalid"] as const;

const TRIAL = z.looseObject({
  modality: z.string().toLowerCase().pipe(z.enum(KINDS)),
  first_frame_idx: z.int().nonnegative(),
  num_frames: z.int().positive().nullish(),
  image_size: z.array(z.int().positive()).min(2).max(4).nullish(),
  interleave_value: z.number().nullish(),
  stimulus_name: z
    .string()
    .regex(/^[^/\\]+$/, { error: "must be a name without folders" })
    .nullish(),
  tier: z.string().nullish(),
});
const SCREEN = z.looseObject({ use_stimuli_names: z.boolean().default(false) });

/** A trial of the screen: an image, a video, or a gray screen. */
export interface ScreenTrial {
  /** The name of its description, such as `00012`. */
  readonly key: string;
  readonly kind: (typeof KINDS)[number];
  /** The file of the image or video; undefined for a screen of one value. */
  readonly file?: string;
  /** The value of a screen without a file. */
  readonly value: number;
  /** The position of its first frame in the times of the screen. */
  readonly first: number;
  readonly frames: number;
  /** The tier; undefined when none is stated. */
  readonly tier: string | undefined;
  /** The source of the description, for errors. */
  readonly at: Place;
}

/**
 * Reads the trials of the screen in the order of their frames, from `combined_meta.json` or else from the files `meta/k.yml`.
 *
 * @throws ConfigError that names the file and the key
 */
export function trialsOf(screen: Modality): ScreenTrial[] {
  const byName = check(SCREEN, screen.meta, screen.file).use_stimuli_names;
  const trials = descriptions(screen.folder).map(({ key, value, at }) => {
    const found = check(TRIAL, value, at.where, at.path);
    const hasFile = found.modality === "image" || found.modality === "video";
    const missing = (name: string, reason: string) => problemAt(below(at, name), `is missing: ${reason}`);
    if (hasFile && byName && !found.stimulus_name)
      throw missing("stimulus_name", "meta.yml of the screen states use_stimuli_names");
    if (found.modality === "video" && !found.num_frames)
      throw missing("num_frames", "the number of frames of a video");
    const file = join(screen.folder, "data", `${byName ? found.stimulus_name : key}.npy`);
    return {
      key,
      kind: found.modality,
      at,
      tier: found.tier ?? undefined,
      ...(hasFile ? { file: stimulusFile(file) } : {}),
      value: found.interleave_value ?? 0,
      first: found.first_frame_idx,
      frames: found.modality === "video" ? (found.num_frames ?? 1) : 1,
    };
  });
  return consecutive(trials.sort((a, b) => a.first - b.first));
}

/** Returns the path of an array. @throws ConfigError when only an encoded video is there */
function stimulusFile(file: string): string {
  const encoded = file.replace(/npy$/, "mp4");
  if (existsSync(file) || !existsSync(encoded)) return file;
  const message = `is encoded; write its frames by numpy.save as ${basename(file)}, [frames, height, width]`;
  throw new ConfigError(encoded, [{ path: "", message }]);
}

interface Description {
  readonly key: string;
  readonly value: unknown;
  readonly at: Place;
}

function descriptions(folder: string): Description[] {
  const file = join(folder, "combined_meta.json");
  if (existsSync(file)) {
    const all = check(z.record(z.string(), z.unknown()), readYaml(file), file);
    return Object.entries(all).map(([key, value]) => ({ key, value, at: { where: file, path: key } }));
  }
  const names = existsSync(join(folder, "meta")) ? readdirSync(join(folder, "meta")) : [];
  const found = names.filter((name) => /^\d+\.yml$/.test(name));
  if (found.length === 0)
    throw new ConfigError(join(folder, "meta"), [
      { path: "", message: "holds no description of a trial: 00000.yml, 00001.yml, ..." },
    ]);
  return found.map((name) => {
    const at = { where: join(folder, "meta", name), path: "" };
    return { key: name.replace(".yml", ""), value: readYaml(at.where), at };
  });
}

/** Returns trials whose frames follow one another. @throws ConfigError for a gap or an overlap */
function consecutive(trials: ScreenTrial[]): ScreenTrial[] {
  let next = 0;
  for (const { first, frames, at } of trials) {
    if (first !== next)
      throw problemAt(at, `begins at frame ${first}, but the trials before it have ${next} frames`);
    next += frames;
  }
  return trials;
}
