import { readdirSync } from "node:fs";
import { join } from "node:path";
import { ConfigError } from "../../base/config";
import { LAST } from "../../trainer/checkpoint/resume";
import { exportLightning } from "../../twin/export-lightning";

/**
 * Writes the checkpoints of a run a second time as `.ckpt` files of PyTorch Lightning, into the run's folder, where the PyTorch package's
 * scripts look for them.
 *
 * @param sessionsFile the sessions' YAML file, as the package is to open it
 * @returns a note when the package has no such model; no file is written then
 */
export function writeLightningCopies(folder: string, sessionsFile: string): string | undefined {
  const checkpoints = join(folder, "checkpoints");
  const names = readdirSync(checkpoints).filter((name) => name.endsWith(".safetensors") && name !== LAST);
  try {
    for (const name of names) {
      const out = join(folder, name.replace(/\.safetensors$/, ".ckpt"));
      exportLightning({ checkpoint: join(checkpoints, name), out, sessionsFile });
    }
    return undefined;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return `The checkpoints are not written as .ckpt files: ${error.message}`;
  }
}
