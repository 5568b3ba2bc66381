import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { TensorFlowNotFound } from "./errors";
import { holdsTensorFlow } from "./platform";

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
