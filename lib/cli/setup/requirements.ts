import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../base/files/project";
import { type Platform, platform } from "../../engine/platform";
import { SetupError } from "./errors";

/** The packages that pip installs. */
export interface Requirements {
  /** The pinned pip, which is installed first. */
  pip: string;
  /** Requirement lines for TensorFlow's C library on this machine. */
  tensorflow: string[];
  /** All other requirement lines. */
  others: string[];
  /** Changes whenever any of the lines does. */
  hash: string;
  /** Bytes that set-up needs on the disk, downloads and pip's cache included. */
  bytes: number;
}

/**
 * Reads the pinned requirements, with TensorFlow's wheel as this machine needs it.
 *
 * @param wheel of this machine when left out
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

/** Changes whenever any of the lines does. */
export const hashOf = (lines: readonly string[]) =>
  createHash("sha256").update(lines.join("\n")).digest("hex");

/** `torch` of `torch==2.9.1` */
export const nameOf = (line: string) => line.split("==")[0]!;

/** The requirement lines of a file of the package, without comments. */
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
