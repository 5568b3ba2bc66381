import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { Command, Option } from "commander";
import { makeFolderOf } from "../base/files/folder";
import { LAG_ORDERS, type LagOrder } from "../model/batch";
import { type ImportTorchReport, importTorch } from "../twin/import-torch";
import { TORCH_FILE } from "../twin/torch-checkpoint";
import { whole } from "./arguments";
import { defaultProject, Progress, packageRoot, pipInstall, runChild, SetupError, venvPython } from "./setup";

/** The packages that are installed only on request, because the library does not need them. */
const TORCH = "torch==2.9.1";

interface Options {
  config?: string;
  out?: string;
  sessions?: string[];
  lagOrder?: LagOrder;
  lags?: number;
  height?: number;
  width?: number;
  trust: boolean;
  installTorch: boolean;
}

/** `gradbook import-torch`: converts a PyTorch Lightning checkpoint into a gradbook checkpoint. */
export function importTorchCommand(): Command {
  return new Command("import-torch")
    .description(
      "convert a PyTorch Lightning checkpoint into a gradbook checkpoint; exit code 2 if a whole stage is missing in it",
    )
    .argument("<checkpoint>", "the .ckpt or .pt file, or its tensors as .safetensors; no PyTorch is needed")
    .option(
      "--config <file>",
      "the model's YAML file, or another checkpoint with its configuration (default: the one in the checkpoint, as it was trained)",
    )
    .option("--out <file>", "the checkpoint to write (default: the same name with .safetensors)")
    .option(
      "--sessions <names>",
      "the checkpoint's sessions in order, such as ada_1,bob_2 (default: those of the YAML file that the checkpoint names)",
      (text) => text.split(","),
    )
    .addOption(
      new Option(
        "--lag_order <order>",
        "the order in which the model sees frames (default: that of the configuration)",
      ).choices(LAG_ORDERS),
    )
    .option("--lags <n>", "the frames of a sample, if weights depend on it", whole)
    .option("--height <n>", "the rows of a frame, if weights depend on it", whole)
    .option("--width <n>", "the columns of a frame, if weights depend on it", whole)
    .option(
      "--trust",
      "read a checkpoint that holds other Python objects with PyTorch; this runs code from the checkpoint",
      false,
    )
    .option("--install-torch", "install PyTorch into .venv first, for --trust", false)
    .action((checkpoint: string, { lag_order: lagOrder, ...options }: Options & { lag_order?: LagOrder }) =>
      run(checkpoint, { ...options, ...(lagOrder ? { lagOrder } : {}) }),
    );
}

async function run(
  checkpoint: string,
  { config, out, sessions, lagOrder, trust, installTorch, ...input }: Options,
): Promise<void> {
  const target = out ?? `${basename(checkpoint).replace(TORCH_FILE, "")}.safetensors`;
  makeFolderOf(target);
  const python = process.env.GRADBOOK_TORCH_PYTHON ?? venvPython(defaultProject());
  if (installTorch) await pipInstall(python, [TORCH], 10, process.env, new Progress());
  const folder = mkdtempSync(join(tmpdir(), "gradbook-"));
  try {
    const throughPython = trust && TORCH_FILE.test(checkpoint);
    const weights = throughPython ? join(folder, "weights.safetensors") : checkpoint;
    if (throughPython) await writeWeights(python, [checkpoint, weights]);
    const report = importTorch({
      weights,
      out: target,
      input,
      ...(config ? { config } : {}),
      ...(sessions ? { sessions } : {}),
      ...(lagOrder ? { lagOrder } : {}),
    });
    show(target, report);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Prints what was imported and what was not, and sets the exit code. */
function show(target: string, report: ImportTorchReport): void {
  const { loaded, missing, missingParts, leftOver, unused, optimizer, sessions, config } = report;
  console.log(`${loaded.length} weights written to ${target}`);
  console.log(`lag order: ${config.lag_order}`);
  console.log(
    typeof optimizer === "number"
      ? `optimizer: the state of ${optimizer} parameters`
      : `optimizer: no state was imported (${optimizer})`,
  );
  console.log(
    sessions
      ? `sessions: ${sessions.join(", ")}`
      : "sessions: without names, so adapters and readouts cannot be matched by name; give --sessions",
  );
  if (unused.length > 0) console.log(`without effect in the checkpoint, left out:\n${lines(unused)}`);
  if (missing.length > 0) console.log(`missing in the checkpoint:\n${lines(missing)}`);
  const rest = leftOver.map(({ name, reason }) => `${name}: ${reason}`);
  if (rest.length > 0) console.log(`left over in the checkpoint:\n${lines(rest)}`);
  if (missingParts.length === 0) return;
  console.error(`the checkpoint has no weight of: ${missingParts.join(", ")}`);
  process.exitCode = 2;
}

const lines = (names: readonly string[]) => names.map((name) => `  ${name}`).join("\n");

/** @throws SetupError when PyTorch is missing or cannot read the checkpoint */
async function writeWeights(python: string, args: readonly string[]): Promise<void> {
  const script = join(packageRoot(), "kernel", "torch_weights.py");
  const { code, output } = await runChild(python, ["-I", script, ...args]).catch(() => ({
    code: 1,
    output: "ModuleNotFoundError: No module named 'torch'",
  }));
  if (code === 0) return;
  const last = output.trim().split("\n").at(-1) ?? "";
  if (!/No module named 'torch'/.test(last)) throw new SetupError(last);
  throw new SetupError(
    `PyTorch is not in ${python}: run the command again with --install-torch, or set GRADBOOK_TORCH_PYTHON to a Python that has it.`,
  );
}
