import { basename, join } from "node:path";
import { ConfigError } from "../../base/config";
import { makeFolderOf } from "../../base/files/folder";
import { importTorch } from "../../twin/import-torch";
import { TORCH_FILE } from "../../twin/torch-checkpoint";
import type { TrainPlan } from "./plan";

/**
 * Converts the Lightning checkpoint that a training resumes from, if it is one, into `imported/` of the folder of runs. The training
 * continues at the checkpoint's epoch and step with its weights and AdamW's state; the order of samples begins anew.
 *
 * @throws ConfigError when the checkpoint lacks a weight of the model or the state of its optimizer
 */
export function withImportedCheckpoint(plan: TrainPlan): TrainPlan {
  const { resume, dir = "." } = plan.trainer;
  if (!resume || !TORCH_FILE.test(resume)) return plan;
  const out = join(dir, "imported", basename(resume).replace(TORCH_FILE, ".safetensors"));
  makeFolderOf(out);
  const { missing, optimizer, config } = importTorch({ weights: resume, config: plan.experiment.model, out });
  if (config.lag_order === "oldest_first")
    console.warn(
      `${plan.experiment.model}: lag_order: is oldest_first, so the model is another function than the one that was trained in PyTorch; add \`lag_order: newest_first\` to resume the same`,
    );
  const problems = [
    ...missing.map((path) => ({ path, message: "is missing in the checkpoint" })),
    ...(typeof optimizer === "string"
      ? [{ path: "optimizer_states", message: `cannot be used: ${optimizer}` }]
      : []),
  ];
  if (problems.length > 0) throw new ConfigError(resume, problems);
  return { ...plan, trainer: { ...plan.trainer, resume: out } };
}
