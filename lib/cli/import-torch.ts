import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { makeFolderOf } from "../base/files/folder";
import { importTorch } from "../twin/import-torch";
import { defaultProject, Progress, packageRoot, pipInstall, runChild, SetupError, venvPython } from "./setup";

/** Installed on request only, because the library does not need it. */
const TORCH = "torch==2.9.1";

interface Options {
  config: string;
  out?: string;
  sessions?: string[];
  lags?: number;
  height?: number;
  width?: number;
  trust: boolean;
  installTorch: boolean;
}

/** `gradbook import-torch`: converts a PyTorch Lightning checkpoint's weights into a gradbook checkpoint. */
export function importTorchCommand(): Command {
  return new Command("import-torch")
    .description("convert a PyTorch Lightning checkpoint's weights into a gradbook checkpoint")
    .argument(
      "<checkpoint>",
      "the .ckpt or .pt file, or its tensors as .safetensors (no PyTorch is needed then)",
    )
    .requiredOption("--config <file>", "the model's YAML file")
    .option("--out <file>", "the checkpoint to write (default: the same name with .safetensors)")
    .option(
      "--sessions <names>",
      "the checkpoint's sessions in order, such as ada_1,bob_2, so that adapters can be matched by name",
      (text) => text.split(","),
    )
    .option("--lags <n>", "the frames of a sample, if weights depend on it", whole)
    .option("--height <n>", "the rows of a frame, if weights depend on it", whole)
    .option("--width <n>", "the columns of a frame, if weights depend on it", whole)
    .option(
      "--trust",
      "load a checkpoint that holds Python objects; this runs code from the checkpoint",
      false,
    )
    .option("--install-torch", "install PyTorch into .venv first", false)
    .action(run);
}

async function run(
  checkpoint: string,
  { config, out, sessions, trust, installTorch, ...input }: Options,
): Promise<void> {
  const target = out ?? `${basename(checkpoint).replace(/\.(ckpt|pt|pth)$/, "")}.safetensors`;
  makeFolderOf(target);
  const python = process.env.GRADBOOK_TORCH_PYTHON ?? venvPython(defaultProject());
  if (installTorch) await pipInstall(python, [TORCH], 10, process.env, new Progress());
  const folder = mkdtempSync(join(tmpdir(), "gradbook-"));
  try {
    const weights = join(folder, "weights.safetensors");
    const isReady = checkpoint.endsWith(".safetensors");
    if (!isReady) await writeWeights(python, [checkpoint, weights, ...(trust ? ["--trust"] : [])]);
    const { loaded, missing, leftOver } = importTorch({
      weights: isReady ? checkpoint : weights,
      config,
      out: target,
      input,
      ...(sessions ? { sessions } : {}),
    });
    console.log(`${loaded.length} weights written to ${target}`);
    if (missing.length > 0) console.log(`missing in the checkpoint:\n${lines(missing)}`);
    const rest = leftOver.map(({ name, reason }) => `${name}: ${reason}`);
    if (rest.length > 0) console.log(`left over in the checkpoint:\n${lines(rest)}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
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

function whole(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new InvalidArgumentError("must be a whole number.");
}
