import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import { join } from "node:path";
import koffi, { type LibraryHandle } from "koffi";
import { TensorFlowNotFound } from "./errors";
import { platform } from "./platform";

/** Errors only: what TensorFlow says at start-up about CPU features and missing GPUs is nothing to act on. */
const QUIET = "2";

/**
 * Maps the libraries and keeps them mapped: unloading TensorFlow at exit crashes the process (RTLD_NODELETE).
 *
 * @throws TensorFlowNotFound when they are for another machine, and with the dynamic linker's reason
 */
export function mapLibraries(folder: string): LibraryHandle {
  // Read by the library while it is mapped. Off by default on CPUs without AVX-512, where it is 2.3 times faster too.
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

/** From this version on the C functions that are declared here are there and behave as they are used. */
const OLDEST = [2, 18] as const;

/** @throws TensorFlowNotFound for a version that the engine was not made for */
export function checkVersion(version: string, folder: string): void {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major === OLDEST[0] && minor >= OLDEST[1]) return;
  throw new TensorFlowNotFound(
    `TensorFlow in ${folder} has version ${version}, but ${OLDEST.join(".")} or a later 2.x is needed. Run \`gradbook setup\`, ` +
      "which installs the right one, or let GRADBOOK_TENSORFLOW name another folder.",
  );
}

/** `e_machine` of an ELF header. */
const MACHINES: Record<number, NodeJS.Architecture> = { 3: "ia32", 40: "arm", 62: "x64", 183: "arm64" };

/** For a library of another processor the dynamic linker only says that there is no such file. */
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
    `let GRADBOOK_TENSORFLOW name a build for ${process.arch}.`
  );
}

/** Without these TensorFlow's wheel ends the process as soon as it is mapped. */
export function missingInstructions(flags: ReadonlySet<string> | undefined): string | undefined {
  if (process.arch !== "x64" || !flags || flags.has("avx")) return undefined;
  return (
    "it needs a CPU with AVX instructions, and this one has none (a virtual machine may hide them: let it pass the host's " +
    "CPU through)."
  );
}

/** What the CPU can do, as Linux lists it; undefined elsewhere. */
export function cpuFlags(): Set<string> | undefined {
  try {
    const line = /^(?:flags|Features)\s*:(.*)$/m.exec(readFileSync("/proc/cpuinfo", "utf8"));
    return line ? new Set(line[1]!.trim().split(/\s+/)) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * While it is mapped, TensorFlow prints a notice about oneDNN that no log level reaches: stderr goes to /dev/null for
 * that moment. A user who sets TF_CPP_MIN_LOG_LEVEL sees it all.
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
