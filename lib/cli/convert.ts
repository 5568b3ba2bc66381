import { existsSync, writeFileSync } from "node:fs";
import { basename, join, relative, resolve } from "node:path";
import { Command, Option } from "commander";
import { dump } from "js-yaml";
import { ConfigError } from "../base/config";
import { makeFolder, makeFolderOf } from "../base/files/folder";
import { readSession, type Session, writeSession } from "../data";
import type { Imported, ImportOption } from "../data/convert/importer";
import { IMPORTERS, importSession } from "../data/convert/importers";
import { holdsRecording } from "../data/folder-formats";

interface Options {
  out: string;
  name?: string;
  format?: string;
  link: boolean;
  force: boolean;
}

/** `gradbook convert`: makes session files from a lab's recordings. */
export function convertCommand(): Command {
  const command = new Command("convert")
    .description("make a session file from a recording in another format (docs/session-format.md)")
    .argument("<source>", "the file or folder of the recording")
    .option("--out <folder>", "the folder for the session", ".")
    .option(
      "--name <name>",
      "the session's name, which begins with the subject and _ (default: the source's name)",
    )
    .option("--format <name>", "the format of the source (default: found from the path)")
    .option(
      "--link",
      "write only the session's YAML file, which names the recording where it is (formats dset, sensorium and experanto)",
      false,
    )
    .option("--force", "replace an existing session", false)
    .addHelpText("after", () => `\n${formatsHelp()}`)
    .action(async (source: string, { out, name, format, force, link, ...words }: Options) =>
      (link ? linkRecording : convert)(
        source,
        { out, force, ...(name ? { name } : {}), ...(format ? { format } : {}) },
        words,
      ),
    );
  for (const option of formatOptions()) command.addOption(option);
  return command;
}

/** Returns the options of all formats. An option that several formats have appears once. */
function formatOptions(): Option[] {
  const byFlag = new Map<string, { option: ImportOption; formats: string[] }>();
  for (const { name, options } of IMPORTERS)
    for (const [flag, option] of Object.entries(options)) {
      const known = byFlag.get(flag);
      if (known) known.formats.push(name);
      else byFlag.set(flag, { option, formats: [name] });
    }
  return [...byFlag].map(([flag, { option, formats }]) => {
    const { value, help } = option;
    const flags = `--${flag}${value ? ` <${value}>` : ""}`;
    return new Option(flags, help).helpGroup(`Options of the format ${formats.join(", ")}:`);
  });
}

/** Lists the formats with what they accept. */
function formatsHelp(): string {
  const width = Math.max(...IMPORTERS.map(({ name }) => name.length));
  const lines = IMPORTERS.map(({ name, description }) => `  ${name.padEnd(width)}  ${description}`);
  return ["Formats:", ...lines].join("\n");
}

async function convert(
  source: string,
  { out, name: given, format, force }: Omit<Options, "link">,
  words: Readonly<Record<string, unknown>>,
): Promise<void> {
  // A folder that cannot be written is reported before a recording is read, which may take long.
  makeFolder(out);
  const imported = await importSession(source, words, format);
  const name = given ?? imported.session.name;
  const path = join(out, `${name}.h5`);
  if (existsSync(path) && !force)
    throw new ConfigError(path, [
      { path: "", message: "exists already; give another --name, or --force to replace it" },
    ]);
  const session = { ...imported.session, name };
  await writeSession(path, session);
  writeFileSync(join(out, `${name}.yaml`), `session: ${name}\ncids: [${session.cids.join(", ")}]\n`);
  show(path, { ...imported, session });
}

/** Writes a session's YAML file that names a recording, which training reads where it is. */
async function linkRecording(
  source: string,
  { out, name: given, force }: Omit<Options, "link">,
): Promise<void> {
  if (!holdsRecording(source))
    throw new ConfigError(source, [
      {
        path: "--link",
        message:
          "is for folders that training reads: .dset files, Sensorium and experanto folders; leave it out to make a session file",
      },
    ]);
  const name = given ?? basename(resolve(source));
  const path = join(out, `${name}.yaml`);
  if (existsSync(path) && !force)
    throw new ConfigError(path, [
      { path: "", message: "exists already; give another --name, or --force to replace it" },
    ]);
  makeFolderOf(path);
  const { cids, recordings } = await readSession(source);
  const recording = relative(resolve(out), resolve(source));
  writeFileSync(path, dump({ session: name, recording, cids }, { flowLevel: 1 }));
  console.log(`${path}: ${cids.length} units, ${described(recordings)}; the recording stays in ${source}`);
}

/** Prints the parts of the session, and what became of each part of the source. */
function show(path: string, { session, taken = [], assumed, leftOut = [] }: Imported): void {
  console.log(`${path}: ${session.cids.length} units, ${described(session.recordings)}`);
  for (const line of taken) console.log(`  taken: ${line}`);
  for (const line of assumed) console.log(`  not in the source, assumed: ${line}`);
  for (const line of leftOut) console.log(`  left out: ${line}`);
}

const described = (recordings: Session["recordings"]) =>
  Object.entries(recordings)
    .map(([type, { frames }]) => `${type} (${frames} frames)`)
    .join(", ");
