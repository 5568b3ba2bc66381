import { execFile } from "node:child_process";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { Command } from "commander";
import { Table } from "../../lib/base/jupyter/table";
import { defaultProject, jupyterEnvironment, packageRoot, venvPython } from "../../lib/cli/setup";

/** `npm run bench -- kernel`: measures the waiting times in a notebook, for this kernel and stock tslab. */
export function kernelCommand(): Command {
  return new Command("kernel")
    .description("start, cells, a burst of output, memory and the stop button, beside stock tslab")
    .action(run);
}

async function run(): Promise<void> {
  const tslab = join(dirname(require.resolve("tslab/package.json")), "bin", "tslab");
  const kernels = {
    gradbook: ["message", process.execPath, join(packageRoot(), "dist/kernel/main.js"), "{connection_file}"],
    tslab: ["signal", process.execPath, tslab, "kernel", "--config-path={connection_file}"],
  };
  const rows: ({ bench: string; kernel: string } & Record<string, unknown>)[] = [];
  for (const [kernel, args] of Object.entries(kernels)) {
    const project = defaultProject();
    const { stdout } = await promisify(execFile)(
      venvPython(project),
      [join(__dirname, "measure.py"), ...args],
      { cwd: project, env: jupyterEnvironment(project) },
    );
    const row = { bench: "kernel", kernel, ...(JSON.parse(stdout) as Record<string, number | null>) };
    console.log(JSON.stringify(row));
    rows.push(row);
  }
  const [first] = rows;
  const shown = Object.keys(first ?? {}).filter((key) => key !== "bench" && key !== "kernel");
  const value = (row: (typeof rows)[number], key: string) => String(Reflect.get(row, key) ?? "never");
  console.error(
    String(
      new Table(
        shown.map((key) => ({
          measured: key,
          ...Object.fromEntries(rows.map((row) => [row.kernel, value(row, key)])),
        })),
      ),
    ),
  );
}
