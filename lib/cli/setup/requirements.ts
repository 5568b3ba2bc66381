import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../base/files/package";
import { type Platform, platform } from "../../engine/platform";
import { SetupError } from "./progress";

/** The packages that pip installs. */
export interface Requirements {
  /** The pinned pip, which is installed first. */
  pip: string;
  /** Requirement lines for TensorFlow's C library on this machine. */
  tensorflow: string[];
  /** All other requirement lines. */
  others: string[];
  /** A hash of all lines, which changes whenever one of them does. */
  hash: string;
  /** The number of bytes that the set-up needs on the disk, downloads and pip's cache included. */
  bytes: number;
}

/**
 * Reads the pinned requirements, with TensorFlow's wheel for this machine.
 *
 * @param wheel the name of TensorFlow's wheel. Default: the one for this machine
 * @throws SetupError on a platform that TensorFlow has no build for
 */
export function readRequirements(wheel = wheelOfThisMachine()): Requirements {
  const lines = requirementLines("requirements.txt");
  const cuda = wheel === "tensorflow[and-cuda]";
  const tensorflow = cuda
    ? requirementLines("requirements-cuda.txt")
    : lines.filter((line) => nameOf(line) === wheel).map((line) => line.replace(/\s*;.*/, ""));
  const pip = lines.find((line) => nameOf(line) === "pip");
  if (!pip || tensorflow.length === 0) throw new Error(`requirements.txt lacks pip or ${wheel}`);
  const others = lines.filter((line) => !["pip", "tensorflow", "tensorflow-cpu"].includes(nameOf(line)));
  const hash = hashOf([pip, ...tensorflow, ...others]);
  return { pip, tensorflow, others, hash, bytes: cuda ? 12e9 : 2.2e9 };
}

/** Returns a hash of all lines, which changes whenever one of them does. */
export const hashOf = (lines: readonly string[]) =>
  createHash("sha256").update(lines.join("\n")).digest("hex");

/** Returns the name in a requirement line, such as `torch` of `torch==2.9.1`. */
export const nameOf = (line: string) => line.split("==")[0]!;

/** Returns the requirement lines of a file of the package, without comments. */
export function requirementLines(file: string): string[] {
  const lines = readFileSync(join(packageRoot(), file), "utf8").split("\n");
  return lines.map((line) => line.replace(/^#.*/, "").trim()).filter((line) => line !== "");
}

function wheelOfThisMachine(): Platform["wheel"] {
  let wheel: Platform["wheel"];
  try {
    wheel = platform().wheel;
  } catch (cause) {
    throw new SetupError((cause as Error).message, { cause });
  }
  return wheel === "tensorflow-cpu" && hasNvidiaGpu() ? "tensorflow[and-cuda]" : wheel;
}

function hasNvidiaGpu(): boolean {
  const { status, stdout } = spawnSync("nvidia-smi", ["-L"], { encoding: "utf8", timeout: 20_000 });
  return status === 0 && stdout.includes("GPU");
}

/** A Python that can create the project's `.venv`. */
export interface Python {
  command: string;
  /** The version, such as `3.12.1`. */
  version: string;
}

const OLDEST = [3, 10] as const;
/** Newer versions come last, because `python3` is the choice of the machine's owner. */
const NAMES = ["python3", "python", "python3.13", "python3.12", "python3.11", "python3.10", "python3.14"];
const PROBE =
  "import importlib.util as u, platform; " +
  "print(platform.python_version(), all(u.find_spec(m) for m in ('venv', 'ensurepip')))";

const HOW_TO_INSTALL =
  "install one (Debian, Ubuntu: apt install python3 python3-venv; macOS: brew install python; others: python.org), or " +
  "set GRADBOOK_PYTHON to its path, and start again.";

/**
 * Finds a Python of at least 3.10 that can make virtual environments: `GRADBOOK_PYTHON` if that is set, otherwise the
 * first suitable one on the PATH.
 *
 * @throws SetupError that says what was found instead, with the remedy
 */
export function findPython(env: NodeJS.ProcessEnv = process.env): Python {
  const asked = env.GRADBOOK_PYTHON;
  const refusals: string[] = [];
  for (const command of asked ? [asked] : NAMES) {
    const probe = spawnSync(command, ["-I", "-c", PROBE], { env, encoding: "utf8", timeout: 20_000 });
    const [version = "", canMakeVenv] = (probe.stdout ?? "").trim().split(" ");
    if (probe.status !== 0 || !/^\d+\.\d+/.test(version)) continue;
    const [major = 0, minor = 0] = version.split(".").map(Number);
    if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]))
      refusals.push(
        `${command} is Python ${version}, and gradbook needs ${OLDEST.join(".")} or newer: ${HOW_TO_INSTALL}`,
      );
    else if (canMakeVenv !== "True")
      // Debian and Ubuntu package these modules separately.
      refusals.unshift(
        `${command} (Python ${version}) cannot make virtual environments, its venv or ensurepip module is missing: ` +
          `install it (Debian, Ubuntu: apt install python${major}.${minor}-venv), or set GRADBOOK_PYTHON to another Python, ` +
          "and start again.",
      );
    else return { command, version };
  }
  if (refusals[0]) throw new SetupError(refusals[0]);
  throw new SetupError(
    asked
      ? `GRADBOOK_PYTHON=${asked} does not run as a Python: set it to the path of Python ${OLDEST.join(".")} or newer, or unset it.`
      : `no Python was found (looked for ${NAMES.slice(0, 2).join(", ")} on the PATH); gradbook needs ${OLDEST.join(".")} or newer: ${HOW_TO_INSTALL}`,
  );
}
