import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { simulateSessions } from "../../lib/data";
import { readEvents } from "../../lib/protocols/events";
import { readState } from "../../lib/trainer/checkpoint/checkpoint";
import { blocks } from "../docs/blocks";
import { newFolder } from "../new-folder";

/** Returns the block of code of docs/clusters.md that contains a text. */
export function block(language: string, containing: string): string {
  const found = blocks(language).find(
    ({ page, code }) => page === "docs/clusters.md" && code.includes(containing),
  );
  if (!found) throw new Error(`docs/clusters.md has no ${language} block with ${containing}`);
  return found.code;
}

/** A model whose step takes some milliseconds. */
const MODEL = `
model_type: v1multi
sampling_rate: 120
frontend: {type: learnable_temporal, params: {kernel_size: 11, num_channels: 1, causal: true}}
convnet:
  type: cnn
  params: {channels: [2], block_configs: [{conv_params: {type: standard, kernel_size: [1, 11, 11], padding: [0, 0, 0]}, act_type: splitrelu}]}
readout: {type: gaussian, params: {bias: true}}
output_activation: softplus
`;

/**
 * Makes a user's project with the files of docs/clusters.md as they are there, and small recordings and a small model under the names that
 * they use.
 *
 * @param frames the length of the recording: 1000 frames are about 15 steps of one process
 */
export async function makeProject(frames = 1000): Promise<string> {
  const dir = newFolder();
  for (const folder of ["configs/models", "configs/sessions", "node_modules"])
    mkdirSync(join(dir, folder), { recursive: true });
  symlinkSync(resolve("."), join(dir, "node_modules/gradbook"));
  writeFileSync(join(dir, "configs/models/quickstart.yaml"), MODEL);
  const outDir = join(dir, "sessions");
  const made = await simulateSessions({ outDir, sessions: 1, units: 3, frames });
  const demo = readFileSync("configs/sessions/demo.yaml", "utf8")
    .replace(/session_dir:.*/, "session_dir: ../../sessions")
    .replace(/sessions:\n( {2}- .*\n)+/, `sessions: [${made.map(({ session }) => session)}]\n`);
  writeFileSync(join(dir, "configs/sessions/demo.yaml"), demo);
  writeFileSync(join(dir, "train.js"), block("js", "new Trainer"));
  writeFileSync(join(dir, "job.sh"), block("sh", "#SBATCH"));
  return dir;
}

/** The state of a run's folder while processes write it. */
export function runIn(dir: string, name: string) {
  const folder = join(dir, "runs", name);
  const last = join(folder, "checkpoints", "last.safetensors");
  const events = () =>
    existsSync(join(folder, "events.jsonl")) ? [...readEvents(join(folder, "events.jsonl"))] : [];
  return {
    /** The number of steps that the last checkpoint holds; 0 without one. */
    saved: () => (existsSync(last) ? readState(last).step : 0),
    /** The ways in which its fits ended. */
    endings: () => events().flatMap((event) => (event.event === "fit_end" ? [event.stopped] : [])),
    /** The steps from which its fits resumed. */
    resumed: () => events().flatMap((event) => (event.event === "fit_start" ? [event.resumed ?? 0] : [])),
  };
}

/** Returns the processes that run a project's train.js, by the value of `RANK`. */
export function trainersIn(dir: string): Map<string, number> {
  const found = readdirSync("/proc").flatMap((pid): [string, number][] => {
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
      if (readlinkSync(`/proc/${pid}/cwd`) !== dir || command[1] !== "train.js") return [];
      const rank = /(?:^|\0)RANK=(\d+)/.exec(readFileSync(`/proc/${pid}/environ`, "utf8"))?.[1];
      return [[rank ?? "", Number(pid)]];
    } catch {
      return [];
    }
  });
  return new Map(found);
}

/** Waits until a condition holds. @throws Error after some time, with a description of the state */
export async function eventually(is: () => boolean, state: () => string, seconds = 200): Promise<void> {
  const end = Date.now() + seconds * 1000;
  while (!is()) {
    if (Date.now() > end) throw new Error(`it did not happen within ${seconds} s:\n${state()}`);
    await new Promise((done) => setTimeout(done, 200));
  }
}
