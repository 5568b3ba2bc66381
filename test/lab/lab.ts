import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { load } from "js-yaml";
import { packageRoot } from "../../lib/cli/setup";
import { testPython } from "../python/python";

/** The folder of reference numbers (see `reference/README.md`). `LAB` names another folder of the same format. */
const LAB = process.env.LAB ? resolve(process.env.LAB) : join(__dirname, "reference");

/** A Python with PyTorch, if there is one: it writes and reads the `.dset` and `.ckpt` files that tests compare with. */
export const torchPython = process.env.GRADBOOK_TORCH_PYTHON;

/** Returns the path of a file of the reference folder, such as `labFile("expected", "prepared.npz")`. */
export const labFile = (...names: readonly string[]): string => join(LAB, ...names);

const readConfig = <Config>(...names: readonly string[]) =>
  load(readFileSync(labFile("configs", ...names), "utf8")) as Config;

/** The names of the sessions. */
export const SESSIONS = readConfig<{ sessions: string[] }>("sessions.yaml").sessions;

/** The number of units of each session that its YAML file selects. */
export const UNITS = SESSIONS.map(
  (name) => readConfig<{ cids: number[] }>("sessions", `${name}.yaml`).cids.length,
);

/** Returns the path of a model's Lightning checkpoint. */
export const labCheckpoint = (model: string): string => labFile("expected", model, `${model}.ckpt`);

interface Model {
  model_type?: string;
  convnet?: { type: string };
}

/**
 * Returns the models of `configs/` for which `expected/<model>/` holds all of the given files. `*` in a file's name stands for the model.
 * Tests of other models are skipped.
 */
export function labModels(...files: readonly string[]): string[] {
  return readdirSync(labFile("configs"))
    .filter((name) => name.endsWith(".yaml") && readConfig<Model>(name).model_type !== undefined)
    .map((name) => name.slice(0, -5))
    .filter((model) =>
      files.every((file) => existsSync(labFile("expected", model, file.replace("*", model)))),
    );
}

/** Returns the name of the parent file of a model's sessions: a model of spike histories has its own. */
export const labParent = (model: string): string =>
  readConfig<Model>(`${model}.yaml`).model_type === "v1multi_history"
    ? "sessions_history.yaml"
    : "sessions.yaml";

/** Returns whether a model has a convnet. */
export const hasConvnet = (model: string): boolean =>
  !["none", undefined].includes(readConfig<Model>(`${model}.yaml`).convnet?.type);

/** The first model that has a checkpoint and a convnet and reads no spike history, or undefined. */
export const visionModel = labModels("*.ckpt").find(
  (model) => labParent(model) === "sessions.yaml" && hasConvnet(model),
);

/** Returns the largest difference between numbers of `a` and those of `b` at the same places, or NaN if one is NaN or missing. */
export const largestDifference = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);

/**
 * Returns a folder with the synthetic sessions: `<session>.h5` and `<session>/missing_pct.npz`, and `<session>/datasets/*.dset` if
 * they were made with PyTorch. It is the folder `sessions` beside the numbers if there is one; else `make_dset.py` fills a
 * folder, which later runs use again.
 */
export function labSessions(): string {
  const given = labFile("sessions");
  if (existsSync(given)) return given;
  const script = labFile("make_dset.py");
  const python = torchPython ?? testPython;
  const key = createHash("sha256").update(readFileSync(script)).update(python).digest("hex").slice(0, 12);
  const cache = join(packageRoot(), "node_modules", ".cache");
  const folder = join(cache, `lab-sessions-${key}`);
  if (existsSync(folder)) return folder;
  mkdirSync(cache, { recursive: true });
  const beside = mkdtempSync(join(cache, "lab-sessions-"));
  try {
    const check = ["--check", labFile("expected", "dset_checksums.json")];
    execFileSync(python, [script, beside, ...check], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "inherit"],
    });
    renameSync(beside, folder);
  } catch (error) {
    rmSync(beside, { recursive: true, force: true });
    // Another test file may have made the same folder in the meantime.
    if (!existsSync(folder)) throw error;
  }
  return folder;
}
