import { execFileSync } from "node:child_process";
import { closeSync, openSync, readdirSync, readFileSync, readSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import type { LibraryHandle } from "koffi";
import koffi from "koffi";
import { TensorFlowNotFound } from "./errors";
import { holdsTensorFlow, platform } from "./platform";

/** The log level for errors only: TensorFlow's start-up messages about CPU features and missing GPUs require no action. */
const QUIET = "2";

/**
 * Loads the libraries and keeps them loaded (RTLD_NODELETE): unloading TensorFlow at exit crashes the process.
 *
 * @throws TensorFlowNotFound when they were built for another machine or cannot be loaded, with the dynamic linker's reason
 */
export function mapLibraries(folder: string): LibraryHandle {
  // The library reads this variable while it is loaded. oneDNN is off by default on CPUs without AVX-512, although it is 2.3 times faster
  // there too.
  process.env.TF_ENABLE_ONEDNN_OPTS ??= "1";
  process.env.TF_CPP_MIN_LOG_LEVEL ??= QUIET;
  const { libraries, libc, dlopenFlags } = platform();
  const problem = otherMachine(join(folder, libraries[1])) ?? missingInstructions(cpuFlags());
  if (problem) throw new TensorFlowNotFound(`TensorFlow in ${folder} cannot be loaded: ${problem}`);
  const c = koffi.load(libc);
  const dlopen = c.func("void* dlopen(const char*, int)");
  const dlerror = c.func("const char* dlerror()");
  for (const file of libraries.map((name) => join(folder, name))) {
    if (silenced(c, () => dlopen(file, dlopenFlags))) continue;
    throw new TensorFlowNotFound(
      `TensorFlow in ${folder} cannot be loaded: ${dlerror()}. Run \`gradbook setup\` again.`,
    );
  }
  return koffi.load(join(folder, libraries[1]), { global: true });
}

/** The oldest version whose C functions exist and behave as the engine uses them. */
const OLDEST = [2, 18] as const;

/** Checks the library's version. @throws TensorFlowNotFound for a version that the engine does not support */
export function checkVersion(version: string, folder: string): void {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major === OLDEST[0] && minor >= OLDEST[1]) return;
  throw new TensorFlowNotFound(
    `TensorFlow in ${folder} has version ${version}, but ${OLDEST.join(".")} or a later 2.x is needed. Run \`gradbook setup\`, ` +
      "which installs the right one, or set GRADBOOK_TENSORFLOW to another folder.",
  );
}

/** `e_machine` of an ELF header. */
const MACHINES: Record<number, NodeJS.Architecture> = { 3: "ia32", 40: "arm", 62: "x64", 183: "arm64" };

/** Returns the problem of a library built for another processor. The dynamic linker only reports a missing file in that case. */
function otherMachine(file: string): string | undefined {
  const header = Buffer.alloc(20);
  const fd = openSync(file, "r");
  readSync(fd, header, 0, header.length, 0);
  closeSync(fd);
  if (header.toString("latin1", 0, 4) !== "\x7fELF") return undefined;
  const machine = header.readUInt16LE(18);
  const name = MACHINES[machine] ?? `machine ${machine}`;
  if (name === process.arch) return undefined;
  return (
    `it was built for ${name}, and this process runs on ${process.arch}. Remove that folder and run \`gradbook setup\`, or ` +
    `set GRADBOOK_TENSORFLOW to a build for ${process.arch}.`
  );
}

/** Returns the problem of a CPU without AVX, where TensorFlow's wheel ends the process when it is loaded. */
export function missingInstructions(flags: ReadonlySet<string> | undefined): string | undefined {
  if (process.arch !== "x64" || !flags || flags.has("avx")) return undefined;
  return (
    "it needs a CPU with AVX instructions, and this one has none (a virtual machine may hide them: let it pass the host's " +
    "CPU through)."
  );
}

/** Returns the CPU's feature flags as listed by Linux; undefined on other systems. */
export function cpuFlags(): Set<string> | undefined {
  try {
    const line = /^(?:flags|Features)\s*:(.*)$/m.exec(readFileSync("/proc/cpuinfo", "utf8"));
    return line ? new Set(line[1]!.trim().split(/\s+/)) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Runs code while stderr goes to /dev/null: while TensorFlow is loaded, it prints a notice about oneDNN that no log level suppresses. A
 * user who sets TF_CPP_MIN_LOG_LEVEL sees all messages.
 */
function silenced<T>(c: LibraryHandle, body: () => T): T {
  if (process.env.TF_CPP_MIN_LOG_LEVEL !== QUIET) return body();
  const dup2 = c.func("int dup2(int, int)");
  const close = c.func("int close(int)");
  const saved: number = c.func("int dup(int)")(2);
  const nowhere: number = c.func("int open(const char*, int)")("/dev/null", 1);
  dup2(nowhere, 2);
  try {
    return body();
  } finally {
    dup2(saved, 2);
    close(saved);
    close(nowhere);
  }
}

/** The folder where `npm run setup` may install TensorFlow for a project without its own `.venv`. */
const CACHE = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "gradbook", "venv");

/**
 * Finds the folder of TensorFlow's C library. Searches, in this order: `GRADBOOK_TENSORFLOW`, the `.venv` of the
 * working folder or of a folder above it, the `.venv` of this package, the user's cache folder, the active Python.
 *
 * @throws TensorFlowNotFound naming every searched place
 */
export function findTensorFlow(): string {
  const asked = process.env.GRADBOOK_TENSORFLOW;
  if (asked) {
    if (holdsTensorFlow(asked)) return asked;
    throw new TensorFlowNotFound(
      `GRADBOOK_TENSORFLOW=${asked} holds no TensorFlow library; name the folder "tensorflow" inside a site-packages, ` +
        "or unset the variable.",
    );
  }
  const venvs = [...foldersAbove(process.cwd()), ...foldersAbove(__dirname)].map((folder) =>
    join(folder, ".venv"),
  );
  const places = [...new Set([...venvs, CACHE, process.env.VIRTUAL_ENV, process.env.CONDA_PREFIX])];
  const found =
    places.flatMap((place) => (place ? inVenv(place) : [])).find(holdsTensorFlow) ?? activePython();
  if (found) return found;
  throw new TensorFlowNotFound(
    `TensorFlow's library was not found in a .venv of ${process.cwd()} or above, in ${CACHE}, or in the active Python. ` +
      "Run `npm run setup` in the project (or `npx gradbook setup`), or set GRADBOOK_TENSORFLOW to the folder " +
      '"tensorflow" inside a site-packages.',
  );
}

function foldersAbove(folder: string): string[] {
  const above = dirname(resolve(folder));
  return above === folder ? [folder] : [folder, ...foldersAbove(above)];
}

function inVenv(venv: string): string[] {
  try {
    const versions = readdirSync(join(venv, "lib")).filter((name) => name.startsWith("python3"));
    return versions.map((version) => join(venv, "lib", version, "site-packages", "tensorflow"));
  } catch {
    return [];
  }
}

function activePython(): string | undefined {
  const script = "import importlib.util as u; print(u.find_spec('tensorflow').submodule_search_locations[0])";
  try {
    const folder = execFileSync("python3", ["-c", script], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
      timeout: 10_000,
    }).trim();
    return holdsTensorFlow(folder) ? folder : undefined;
  } catch {
    return undefined;
  }
}
