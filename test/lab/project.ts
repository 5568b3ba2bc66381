import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";
import { TensorToWrite } from "../../lib/base/torch/pickle";
import { writeTorch } from "../../lib/base/torch/write-torch";
import { readSession, type Session } from "../../lib/data";
import { newFolder } from "../new-folder";
import { labFile, labSessions, SESSIONS } from "./lab";

/** Writes each recording of a session as a `.dset` file into a folder, with our own writer. */
export function writeDsets(folder: string, { recordings }: Pick<Session, "recordings">): void {
  mkdirSync(folder, { recursive: true });
  for (const [type, recording] of Object.entries(recordings)) {
    const { frames, height, width, stim, robs, eyepos, tBins, trialInds, dpiValid } = recording;
    writeTorch(join(folder, `${type}.dset`), type, {
      covariates: {
        t_bins: new TensorToWrite(tBins, [frames], "float64"),
        trial_inds: new TensorToWrite(Float64Array.from(trialInds), [frames], "float64"),
        robs: new TensorToWrite(Float32Array.from(robs), [frames, robs.length / frames]),
        stim: new TensorToWrite(stim, [frames, height, width], "uint8"),
        eyepos: new TensorToWrite(eyepos, [frames, 2]),
        dpi_valid: new TensorToWrite(dpiValid, [frames]),
      },
      metadata: { name: type, ppd: 9 },
    });
  }
}

/** Returns a folder with the reference's `configs/`, and the sessions as `.dset` files beside their YAML files. */
export async function labProject(): Promise<string> {
  const folder = newFolder();
  const recorded = labSessions();
  cpSync(labFile("configs"), join(folder, "configs"), { recursive: true });
  for (const name of SESSIONS) {
    const session = join(folder, "configs", "sessions", name);
    writeDsets(join(session, "datasets"), await readSession(join(recorded, `${name}.h5`)));
    symlinkSync(join(recorded, name, "missing_pct.npz"), join(session, "missing_pct.npz"));
  }
  return folder;
}

/** Runs one of the package's programs in a folder, to its end. */
export function runProgram(folder: string, program: string, flags: readonly string[]) {
  const script = resolve("lib", "cli", "scripts", `${program}.ts`);
  const args = ["--import", resolve("node_modules/tsx/dist/loader.mjs"), script, ...flags];
  const { status, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: "utf8" });
  return { status, stderr };
}
