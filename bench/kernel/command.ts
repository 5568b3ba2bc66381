import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { Command } from "commander";
import { Table } from "../../lib/base/jupyter/table";
import { defaultProject, jupyterEnvironment, kernelFile, venvPython } from "../../lib/cli/setup";

const run = promisify(execFile);

/** `npm run bench -- kernel`: measures the waiting times in a notebook, for this kernel, stock tslab and Deno. */
export function kernelCommand(): Command {
  return new Command("kernel")
    .description("start, cells, a burst of output, memory and the stop button, beside stock tslab and Deno")
    .option("--deno <file>", "Deno's program, as in the npm package `deno`", "deno")
    .action(compare);
}

async function compare({ deno }: { deno: string }): Promise<void> {
  const tslab = join(dirname(require.resolve("tslab/package.json")), "bin", "tslab");
  const { argv } = JSON.parse(readFileSync(kernelFile(defaultProject()), "utf8")) as { argv: string[] };
  const kernels: Record<string, string[]> = {
    gradbook: ["message", ...argv],
    tslab: ["signal", process.execPath, tslab, "kernel", "--config-path={connection_file}"],
  };
  if (await isProgram(deno))
    kernels.deno = ["message", deno, "jupyter", "--kernel", "--conn", "{connection_file}"];
  else console.error(`Deno is left out: ${deno} is not a program. --deno names it.`);
  const rows: ({ kernel: string } & Record<string, unknown>)[] = [];
  for (const [kernel, args] of Object.entries(kernels)) {
    const row = { kernel, ...(await measure(args)) };
    console.log(JSON.stringify({ bench: "kernel", ...row }));
    rows.push(row);
  }
  console.error(String(tableOf(rows)));
}

async function measure(args: readonly string[]): Promise<Record<string, number | null>> {
  const project = defaultProject();
  const options = { cwd: project, env: jupyterEnvironment(project) };
  const { stdout } = await run(venvPython(project), [join(__dirname, "measure.py"), ...args], options);
  return JSON.parse(stdout) as Record<string, number | null>;
}

const isProgram = (file: string) =>
  run(file, ["--version"]).then(
    () => true,
    () => false,
  );

/** One line for each measurement, one column for each kernel. */
function tableOf(rows: readonly ({ kernel: string } & Record<string, unknown>)[]): Table {
  const measured = Object.keys(rows[0] ?? {}).filter((key) => key !== "kernel");
  return new Table(
    measured.map((key) => ({
      measured: key,
      ...Object.fromEntries(rows.map((row) => [row.kernel, String(row[key] ?? "never")])),
    })),
  );
}
