import { runChild } from "./child";
import { SetupError } from "./errors";
import { PINNED_ONLY, pipInstall, upgradePip } from "./pip";
import { hashOf, nameOf, requirementLines } from "./requirements";
import { isInstalled, makeVenv, pythonOf } from "./stamped-venv";
import type { Step } from "./step";

/** The oldest Python for which the pinned packages of tests and benchmarks have builds. */
const OLDEST = [3, 11] as const;

export interface PinnedVenv {
  /** The title that a person reads during installation. */
  title: string;
  venv: string;
  /** The package's file that lists all requirements, including pip. */
  requirements: string;
  /** Bytes that the installation needs on the disk. */
  bytes: number;
  /** The environment variables that locate Python and pip's settings. */
  env: NodeJS.ProcessEnv;
  /**
   * Whether to write the byte code during installation. Otherwise the first import writes it, which would distort a
   * measurement.
   */
  compileAll?: boolean;
}

/** Makes a virtual environment with everything in a requirements file, as the set-up makes `.venv`. */
export function pinnedVenvStep({ title, venv, requirements, bytes, env, compileAll }: PinnedVenv): Step {
  const lines = requirementLines(requirements);
  const pip = lines.filter((line) => nameOf(line) === "pip");
  const others = lines.filter((line) => nameOf(line) !== "pip");
  const hash = hashOf(lines);
  return {
    title,
    isDone: () => isInstalled(venv, hash),
    async run(progress) {
      const install = async ({ version }: { version: string }, inside: NodeJS.ProcessEnv) => {
        requireNewer(version, requirements);
        const python = pythonOf(venv);
        await upgradePip(python, pip[0]!, inside, progress);
        await pipInstall(python, [...PINNED_ONLY, ...others], others.length, inside, progress);
        if (!compileAll) return;
        progress.note("writing byte code");
        await runChild(python, ["-m", "compileall", "-q", "-j", "0", `${venv}/lib`], { env: inside });
      };
      await makeVenv(venv, { hash, bytes, install }, progress, env);
    },
  };
}

function requireNewer(version: string, requirements: string): void {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major > OLDEST[0] || minor >= OLDEST[1]) return;
  throw new SetupError(
    `the packages of ${requirements} need Python ${OLDEST.join(".")} or newer, and this is ${version}: set GRADBOOK_PYTHON to another, and start again.`,
  );
}
