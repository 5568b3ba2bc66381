import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { newFolder } from "../new-folder";
import { hasConvnet, labCheckpoint, labModels, labParent, visionModel } from "./lab";
import { labProject } from "./project";

/** A folder of the Lightning package's shell scripts, if there is one: this repository has none of them. */
const SCRIPTS = process.env.GRADBOOK_LAB_SCRIPTS ?? "";
const names = SCRIPTS ? readdirSync(SCRIPTS).filter((name) => name.endsWith(".sh")) : [];

/** The command by which the guide replaces the package's programs in `experiments/*.sh`. */
const [, REPLACE] = /^(sed -i .*)$/m.exec(readFileSync(resolve("docs", "migrating.md"), "utf8"))!;

/** The words of a command line by which a small model takes the place of the package's, and the model. */
const SMALL = [
  ["history", labModels().find((model) => labParent(model) !== "sessions.yaml")],
  ["modulator_only", labModels().find((model) => !hasConvnet(model))],
  ["", visionModel],
] as const;
const flagsOf = (model: string | undefined) =>
  `--model_config $CONFIGS/${model}.yaml --dataset_configs_path $CONFIGS/${model && labParent(model)}`;
const BATCHES =
  "--max_epochs 1 --steps_per_epoch 2 --accumulate_grad_batches 1 --batch_size 6 --limit_val_batches 2 --num_gpus 1 --max_datasets 1";

/** Runs our program of the given name, and adds flags for a small model and two batches: the last of two equal flags counts. */
const NPX = `#!/bin/bash
case "$*" in
  find_*) flags=();;
  train_frozencore*) flags=(--dataset_configs_path $CONFIGS/sessions.yaml ${BATCHES});;
${SMALL.map(([word, model]) => `  *${word}*) flags=(${flagsOf(model)} ${BATCHES});;`).join("\n")}
esac
program=\${1%.py}
case "$program" in train_*) echo "$*" >> calls.txt;; esac
exec ${process.execPath} ${resolve("dist", "lib", "cli", "scripts")}/\${program//_/-}.js "\${@:2}" "\${flags[@]}"
`;

/** Makes a folder with the script in `experiments/`: the paths of the package's machines lie in it, with the checkpoint that the script looks for. */
function folderOf(name: string): string {
  const folder = newFolder();
  for (const part of ["experiments", "bin"]) mkdirSync(join(folder, part));
  const script = readFileSync(join(SCRIPTS, name), "utf8").replaceAll('="/', `="${folder}/`);
  writeFileSync(join(folder, "experiments", name), script);
  execFileSync("bash", ["-c", REPLACE!], { cwd: folder });
  writeFileSync(join(folder, "bin", "npx"), NPX, { mode: 0o755 });
  writeFileSync(join(folder, "bin", "sleep"), "#!/bin/sh\n", { mode: 0o755 });
  const [, pretrained] = /^PRETRAINED_CHECKPOINT_DIR="(.*)"/m.exec(script) ?? [];
  const [, type] = /^(?:PRETRAINED_)?MODEL_TYPE="(?:learned_)?(.*)"/m.exec(script) ?? [];
  if (pretrained) {
    const experiment = join(pretrained, `learned_${type}_ddp_bs256`);
    mkdirSync(experiment, { recursive: true });
    copyFileSync(labCheckpoint(visionModel!), join(experiment, "epoch=03-val_bps_overall=0.1200.ckpt"));
  }
  return folder;
}

describe.runIf(names.length > 0 && visionModel)("a shell script of the package", () => {
  let project: string;
  beforeAll(async () => {
    project = await labProject();
  }, 600_000);

  test.each(names)("completes each of its trainings: %s", { timeout: 1_800_000 }, (name) => {
    const cwd = folderOf(name);
    const PATH = `${join(cwd, "bin")}:${process.env.PATH}`;
    const env = { ...process.env, PATH, HOME: cwd, CONFIGS: join(project, "configs") };
    const { status, stderr } = spawnSync("bash", [`experiments/${name}`], {
      cwd,
      env,
      encoding: "utf8",
      stdio: ["ignore", "ignore", "pipe"],
      maxBuffer: 2 ** 27,
    });
    const trainings = readFileSync(join(cwd, "calls.txt"), "utf8").trim().split("\n").length;
    const completed = (stderr.match(/completed after/g) ?? []).length;
    expect({ status, stderr, completed }).toEqual({ status: 0, stderr, completed: trainings });
  });
});
