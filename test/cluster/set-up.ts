import { spawnSync } from "node:child_process";
import { defaultProject, searchStep, setUp } from "../../lib/cli/setup";
import { buildStep } from "../../lib/cli/setup/build";

/** The programs of the tests, and the Debian packages that contain them. */
const PROGRAMS = {
  slurmctld: "slurm-wlm",
  munged: "munge",
  ip: "iproute2",
  "mpirun.openmpi": "openmpi-bin",
  "mpiexec.hydra": "mpich",
};

/** The programs of Grid Engine, which not every release of Debian has. */
export const GRID_ENGINE = {
  sge_qmaster: "gridengine-master",
  sge_execd: "gridengine-exec",
  qconf: "gridengine-client",
};

const finds = (program: string) => spawnSync("sh", ["-c", `command -v ${program}`]).status === 0;

/** Installs the missing launchers, which only the administrator of a Debian machine may do. @returns a problem, if there is one */
export function installLaunchers(programs: Readonly<Record<string, string>> = PROGRAMS): string | undefined {
  const missing = Object.entries(programs).flatMap(([program, name]) => (finds(program) ? [] : [name]));
  if (missing.length === 0) return undefined;
  if (process.getuid?.() !== 0 || !finds("apt-get"))
    return `${missing.join(", ")} cannot be installed: that needs apt-get and the rights of root`;
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  for (const args of [["update"], ["install", "-y", "--no-install-recommends", ...missing]]) {
    const { status, stderr } = spawnSync("apt-get", ["-qq", ...args], { encoding: "utf8", env });
    if (status !== 0) return `apt-get ${args.join(" ")}: ${stderr.trim().split("\n").at(-1)}`;
  }
  return undefined;
}

/** Installs the launchers and Optuna, and builds the package before the first test. The simulated hosts reach no network. */
export async function setup(): Promise<void> {
  const problem = installLaunchers();
  if (problem) throw new Error(problem);
  await setUp([buildStep(), searchStep(defaultProject())]);
}
