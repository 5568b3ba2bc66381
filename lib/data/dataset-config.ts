import { existsSync, readdirSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { ConfigError, check, readYaml } from "../base/config";
import { isMapping, type Mapping, merged } from "../base/config/mappings";
import {
  attempt,
  type Note,
  type TakeNote,
  throwFound,
  warn,
  withoutRepetitions,
} from "../base/config/notes";
import type { MovieDtype } from "../base/dsp/movie";
import { isFolder } from "../base/files/folder";
import { notesOfKeys, problemsBetweenKeys, problemsOfOps } from "./config-problems";
import { asRead, isOfPackage } from "./package-keys";
import { resolveDefaults } from "./resolve-defaults";
import { parentSchema, type SessionConfig, sessionSchema } from "./session-schema";
import { withFilteredUnits } from "./unit-filters";

/** Options of reading configurations. */
interface Reading {
  readonly dsetDtype: MovieDtype;
  readonly note: TakeNote;
}

/**
 * Reads a sessions' configuration and the file of each session it names. A session's file may override anything; the merge
 * is deep for mappings and replaces everything else.
 *
 * @param file the parent, or a folder: its parent file, or else every YAML file in it as a separate session
 * @param dsetDtype the storage type of movies; `uint8` allows few transforms. Default `uint8`.
 * @param note takes the notes on keys without effect. Default: prints them as warnings.
 * @throws ConfigError with the problems of all files: the file, the key, and what is allowed
 */
export function readDatasetConfig(
  file: string,
  dsetDtype: MovieDtype = "uint8",
  note: TakeNote = warn,
): SessionConfig[] {
  const notes: Note[] = [];
  const reading: Reading = { dsetDtype, note: (found) => notes.push(found) };
  try {
    return isFolder(file) ? readFolder(file, reading) : readParent(file, reading);
  } finally {
    withoutRepetitions(notes).forEach(note);
  }
}

function readFolder(folder: string, reading: Reading): SessionConfig[] {
  const files = readdirSync(folder).filter((name) => name.endsWith(".yaml"));
  const parents = files.filter((name) => "sessions" in readMapping(join(folder, name)));
  if (parents.length === 1) return readParent(join(folder, parents[0]!), reading);
  if (parents.length > 1 || files.length === 0) {
    const message =
      files.length === 0
        ? "holds no YAML file of a session"
        : `holds ${parents.length} files that list sessions: ${parents.join(", ")}; give one of them`;
    throw new ConfigError(folder, [{ path: "", message }]);
  }
  const names = files.sort().map((name) => basename(name, ".yaml"));
  return readSessions({ file: folder, folder, names, inherited: {}, ofPackage: false, found: [] }, reading);
}

function readParent(file: string, reading: Reading): SessionConfig[] {
  const own = readMapping(file);
  const read = asRead(own, file, reading.note);
  const { session_dir = ".", sessions } = read;
  // Other keys are problems of the parent alone.
  const inherited = Object.fromEntries(Object.entries(read).filter(([key]) => key in sessionSchema.shape));
  const ofPackage = isOfPackage(own);
  const found: Note[] = [];
  attempt(found, () => check(parentSchema, read, file));
  // A session that adds nothing of its own shows the other problems of the parent.
  const bare = { session: "", file: "", cids: [0], ...inherited };
  const { data: config } = sessionSchema.safeParse(resolveDefaults(bare, ofPackage));
  const others = config ? problemsBetweenKeys(config, file, reading.dsetDtype) : [];
  found.push(...[...problemsOfOps(read, file), ...others].map((problem) => ({ where: file, ...problem })));
  const names = Array.isArray(sessions) ? sessions.filter((name) => typeof name === "string") : [];
  const folder = resolve(dirname(file), String(session_dir));
  return readSessions({ file, folder, names, inherited, ofPackage, found }, reading);
}

/** The sessions to read. */
interface Sessions {
  /** The file that lists the sessions, and the folder of their files. */
  readonly file: string;
  readonly folder: string;
  readonly names: readonly string[];
  /** The options that the parent gives to every session. */
  readonly inherited: Mapping;
  /** Whether the parent was written for the PyTorch package. */
  readonly ofPackage: boolean;
  /** The problems of the parent. */
  readonly found: readonly Note[];
}

/** Reads the files of sessions. @throws ConfigError with the problems of all files */
function readSessions(
  { file, folder, names, inherited, ofPackage, found: ofParent }: Sessions,
  { dsetDtype, note }: Reading,
): SessionConfig[] {
  const found = [...ofParent];
  // A faulty option of the parent must not hide the problems of sessions.
  const faulty = new Set(ofParent.map(({ path }) => keyOf(path)));
  const sound = Object.fromEntries(Object.entries(inherited).filter(([key]) => !faulty.has(key)));
  const files = names.flatMap((name) => {
    const read = attempt(found, () => readSession(file, folder, name));
    return read ? [read] : [];
  });
  const isTorch = ofPackage || files.some(({ own }) => isOfPackage(own));
  const configs = files.flatMap(({ name, path, own }) => {
    const defaults = { session: basename(path, ".yaml"), file: join(folder, `${name}.h5`) };
    const all = merged({ ...sound, ...defaults }, asRead(own, path, note));
    const problems: Note[] = [];
    const config = attempt(problems, () => {
      // Resolving moves and drops keys, so the keys as they were written are checked first.
      check(sessionSchema, all, path);
      return check(sessionSchema, resolveDefaults(all, isTorch), path);
    });
    const others = config ? problemsBetweenKeys(config, path, dsetDtype) : [];
    problems.push(
      ...[...problemsOfOps(all, path), ...others].map((problem) => ({ where: path, ...problem })),
    );
    if (config) notesOfKeys(all, config, path).forEach(note);
    const chosen = config && attempt(problems, () => withFilteredUnits(config, path));
    found.push(
      ...problems.filter((problem) => !isRepeated(problem, ofParent) && !isOf(problem, faulty, own)),
    );
    return chosen ? [chosen] : [];
  });
  throwFound(found, file);
  return configs;
}

/** Returns the first key of a path. */
const keyOf = (path: string) => path.split(".")[0]!;

/** Whether a problem concerns an option that is faulty in the parent and that the session does not replace. */
const isOf = ({ path }: Note, faulty: ReadonlySet<string>, own: Mapping) =>
  faulty.has(keyOf(path)) && !(keyOf(path) in own);

/** Whether a problem of a session comes from the parent, where it is reported. */
const isRepeated = ({ path, message }: Note, ofParent: readonly Note[]) =>
  ofParent.some((problem) => problem.path === path && problem.message === message);

function readSession(file: string, folder: string, name: string) {
  const path = join(folder, `${name}.yaml`);
  if (!existsSync(path)) {
    const message = `its file ${path} is missing; check \`session_dir\` and \`sessions\`, or run \`gradbook simulate\` to make the demo sessions`;
    throw new ConfigError(file, [{ path: `sessions: ${name}`, message }]);
  }
  return { name, path, own: readMapping(path) };
}

function readMapping(file: string): Mapping {
  const value = readYaml(file);
  if (isMapping(value)) return value;
  throw new ConfigError(file, [{ path: "", message: "must hold keys and values" }]);
}
