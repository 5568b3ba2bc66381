import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Step } from "./step";
import { venvFolder } from "./venv";

/** The name that notebooks ask for in their metadata. */
export const KERNEL = "tslab";

export const kernelFile = (project: string) =>
  join(venvFolder(project), "share", "jupyter", "kernels", KERNEL, "kernel.json");

/** Registers the TypeScript kernel in `.venv`, and nowhere else. Written anew when Node or the project has moved. */
export function kernelStep(project: string): Step {
  const file = kernelFile(project);
  const spec = {
    argv: [process.execPath, require.resolve("tslab/bin/tslab"), "kernel", "--config-path={connection_file}"],
    display_name: "TypeScript (gradbook)",
    language: "typescript",
  };
  const text = `${JSON.stringify(spec, null, 2)}\n`;
  return {
    title: "TypeScript kernel for Jupyter",
    isDone: () => existsSync(file) && readFileSync(file, "utf8") === text,
    async run() {
      mkdirSync(join(file, ".."), { recursive: true });
      writeFileSync(file, text);
    },
  };
}
