import { existsSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { ConfigError } from "../base/config";
import { makeFolderOf } from "../base/files/folder";
import { readSession, writeSession } from "../data";
import { sessionOfArrays } from "../data/convert/arrays";
import { sessionOfNwb } from "../data/convert/nwb";
import { holdsDsets } from "../data/dset";

interface Options {
  out: string;
  name?: string;
  samplingRate?: number;
  pixelsPerDegree?: number;
  type?: string;
  stimulus?: string;
  eye?: string;
  force: boolean;
}

/** `gradbook convert`: makes session files from a lab's recordings. */
export function convertCommand(): Command {
  return new Command("convert")
    .description(
      "make a session file from a folder of .npy arrays, an .npz or .nwb file, or .dset recordings (docs/session-format.md)",
    )
    .argument("<source>", "the folder or file; of .dset recordings one file, or a session's folder")
    .option("--out <folder>", "the folder for the session", ".")
    .option(
      "--name <name>",
      "the session's name, which begins with the subject and _ (default: the source's name)",
    )
    .option("--sampling_rate <hz>", "frames per second; needed for arrays", positive)
    .option("--pixels_per_degree <n>", "the stimulus' pixels per degree", positive)
    .option("--type <name>", "the stimulus type of arrays outside of any folder (default: stimulus)")
    .option("--stimulus <name>", "the name of an image series in an .nwb file")
    .option(
      "--eye <path>",
      "the spatial series of gaze in an .nwb file, such as processing/behavior/EyeTracking/eye",
    )
    .option("--force", "replace an existing session", false)
    .action(async (source: string, given: Record<string, unknown>) => {
      const { sampling_rate, pixels_per_degree, ...rest } = given as unknown as Options &
        Record<string, number>;
      await convert(source, {
        ...rest,
        ...(sampling_rate ? { samplingRate: sampling_rate } : {}),
        ...(pixels_per_degree ? { pixelsPerDegree: pixels_per_degree } : {}),
      });
    });
}

async function convert(source: string, { out, force, samplingRate, ...options }: Options): Promise<void> {
  const recorded = holdsDsets(source) ? await readSession(source) : undefined;
  const name = options.name ?? recorded?.name ?? basename(source).replace(/\.(npz|nwb|h5)$/, "");
  const path = join(out, `${name}.h5`);
  if (existsSync(path) && !force)
    throw new ConfigError(path, [
      { path: "", message: "exists already; give another --name, or --force to replace it" },
    ]);
  makeFolderOf(path);
  const { session, assumed } = recorded
    ? { session: { ...recorded, name }, assumed: [] }
    : /\.(nwb|h5)$/.test(source)
      ? await sessionOfNwb(source, { ...options, name })
      : sessionOfArrays(source, { ...options, name, samplingRate: required(source, samplingRate) });
  await writeSession(path, session);
  writeFileSync(join(out, `${name}.yaml`), `session: ${name}\ncids: [${session.cids.join(", ")}]\n`);
  const types = Object.entries(session.recordings).map(([type, { frames }]) => `${type} (${frames} frames)`);
  console.log(`${path}: ${session.cids.length} units, ${types.join(", ")}`);
  for (const line of assumed) console.log(`  not in the source, assumed: ${line}`);
}

function required(source: string, rate: number | undefined): number {
  if (rate) return rate;
  throw new ConfigError(source, [
    { path: "--sampling_rate", message: "missing: arrays do not state their number of frames per second" },
  ]);
}

function positive(text: string): number {
  if (Number(text) > 0 && Number.isFinite(Number(text))) return Number(text);
  throw new InvalidArgumentError("must be a number over 0.");
}
