import { spawn } from "node:child_process";
import { once } from "node:events";
import { Command } from "commander";
import { defaultProject, jupyterEnvironment, setUp, setupSteps, venvPython } from "./setup";

/** `gradbook lab`: starts JupyterLab from the project's `.venv`, with its registered kernel. */
export function labCommand(): Command {
  return new Command("lab")
    .description("open JupyterLab in this project; further arguments are JupyterLab's own")
    .argument("[arguments...]")
    .allowUnknownOption()
    .action(async (args: string[]) => {
      const project = defaultProject();
      await setUp(setupSteps(project));
      const child = spawn(venvPython(project), ["-m", "jupyterlab", ...args], {
        cwd: project,
        env: jupyterEnvironment(project),
        stdio: "inherit",
      });
      const [code] = await once(child, "exit");
      process.exitCode = code ?? 130;
    });
}
