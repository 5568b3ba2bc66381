import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { isRunning } from "../../base/files/processes";

/** The files that a run and its loggers write, by subfolder. All other files in a run's folder belong to the user. */
const WRITTEN: readonly (readonly [folder: string, name: RegExp])[] = [
  ["", /^(events\.jsonl|config\.yaml|metrics\.csv|evaluation\.json)$/],
  // Names from a template of Lightning have metrics as `name=value`.
  ["checkpoints", /^(last|epoch-\d+_.+|.*\w=.+)\.safetensors(\.unreadable(-\d+)?)?$/],
  ["logs", /^(rank-\d+\.log|final\.safetensors)$/],
  ["tensorboard", /^events\.out\.tfevents\./],
  ["evaluations", /^epoch-\d+\.json$/],
];

/** Returns the files that the run wrote into its folder, as relative paths. */
export function writtenBy(run: string): string[] {
  const kinds = filesIn(run, "pictures", true).map((kind) => ["pictures", kind] as const);
  const pictures = kinds.map(([folder, kind]) => [join(folder, kind), /^epoch-\d+\.svg$/] as const);
  const synced = filesIn(run, "wandb", true).filter((folder) => folder.startsWith("offline-run-"));
  const offline = synced.map((folder) => [join("wandb", folder), /^run-[a-z0-9]{8}\.wandb$/] as const);
  const written = [...WRITTEN, ...pictures, ...offline].flatMap(([folder, name]) =>
    filesIn(run, folder)
      .filter((file) => name.test(file))
      .map((file) => join(folder, file)),
  );
  return [...written, ...copiesOf(run)];
}

/** Returns the checkpoints in the run's folder that repeat one of `checkpoints/` in the format of PyTorch. */
function copiesOf(run: string): string[] {
  const own = new Set(filesIn(run, "checkpoints").map((file) => basename(file, ".safetensors")));
  return filesIn(run, "").filter((file) => file.endsWith(".ckpt") && own.has(basename(file, ".ckpt")));
}

/** Removes files of a run's folder, and folders that become empty. */
export function remove(run: string, files: readonly string[]): void {
  for (const file of files) rmSync(join(run, file), { force: true });
  removeEmpty(run, files);
}

/**
 * Moves files of a run's folder into its subfolder `earlier-<n>`, where no code reads or writes them any more.
 *
 * @returns that subfolder
 */
export function setAside(run: string, files: readonly string[]): string {
  const folder = unused((n) => join(run, `earlier-${n + 1}`));
  for (const file of files) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    renameSync(join(run, file), join(folder, file));
  }
  removeEmpty(run, files);
  return folder;
}

/** Renames a file that cannot be read, so that it is not overwritten. @returns the new name */
export function keepUnreadable(path: string): string {
  const kept = unused((n) => `${path}.unreadable${n === 0 ? "" : `-${n}`}`);
  renameSync(path, kept);
  return kept;
}

/** Removes partial files that ended processes of this machine left. */
export function removeHalfWritten(folder: string): void {
  for (const file of readdirSync(folder)) {
    const pid = /\.(\d+)\.tmp$/.exec(file)?.[1];
    if (pid && !isRunning(Number(pid))) rmSync(join(folder, file), { force: true });
  }
}

/** Returns the first unused name of a series. */
function unused(name: (n: number) => string): string {
  let n = 0;
  while (existsSync(name(n))) n++;
  return name(n);
}

function filesIn(run: string, folder: string, folders = false): string[] {
  const path = join(run, folder);
  if (!existsSync(path)) return [];
  return readdirSync(path, { withFileTypes: true })
    .filter((each) => each.isDirectory() === folders)
    .map(({ name }) => name);
}

function removeEmpty(run: string, files: readonly string[]): void {
  const folders = new Set(files.map((file) => dirname(file)).filter((folder) => folder !== "."));
  const within = [...folders].flatMap((folder) => [join(folder, "files"), folder]);
  for (const folder of [...within, "pictures", "wandb"]) {
    const path = join(run, folder);
    if (existsSync(path) && readdirSync(path).length === 0) rmSync(path, { recursive: true });
  }
}
