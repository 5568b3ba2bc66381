import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { packageRoot } from "../../lib/cli/setup";
import { newFolder } from "../new-folder";

let dir: string;
/** The folder of a user's project that depends on the package. */
let project: string;
beforeEach(() => {
  dir = newFolder();
  project = join(dir, "project");
  mkdirSync(join(project, "node_modules"), { recursive: true });
  symlinkSync(packageRoot(), join(project, "node_modules", "gradbook"));
});

const gradbook = (...args: string[]) => gradbookWith({}, ...args);

function gradbookWith(more: NodeJS.ProcessEnv, ...args: string[]): { status: number | null; said: string } {
  const { JUPYTER_DATA_DIR, XDG_DATA_HOME, ...env } = process.env;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join("node_modules", "gradbook", "dist", "lib", "cli", "main.js"), ...args],
    { cwd: project, env: { ...env, HOME: join(dir, "home"), ...more }, encoding: "utf8" },
  );
  return { status, said: (stdout + stderr).trim() };
}

const specIn = (data: string, name = "gradbook") => join(data, "kernels", name, "kernel.json");

test("registers a kernel in a prefix, updates it, and removes it", () => {
  const spec = specIn(join(dir, "env", "share", "jupyter"));
  const done = { status: 0, said: `kernel "gradbook" is registered: ${spec}` };
  // A prefix is relative to the working folder of the command.
  expect(gradbook("install", "--prefix", "../env")).toEqual(done);
  const written = readFileSync(spec, "utf8");
  const { argv, interrupt_mode } = JSON.parse(written);
  expect(argv).toEqual([
    process.execPath,
    "--expose-internals",
    "--disable-warning=internal/test/binding",
    join(packageRoot(), "dist", "kernel", "main.js"),
    "{connection_file}",
  ]);
  expect(existsSync(argv[3])).toBe(true);
  expect(interrupt_mode).toBe("message");
  writeFileSync(spec, written.replace("main.js", "old.js"));
  expect(gradbook("install", "--prefix", join(dir, "env"))).toEqual(done);
  expect(readFileSync(spec, "utf8")).toBe(written);
  const gone = join(spec, "..");
  expect(gradbook("uninstall", "--prefix", join(dir, "env"))).toEqual({ status: 0, said: `removed ${gone}` });
  expect(existsSync(gone)).toBe(false);
});

test.skipIf(process.platform !== "linux")(
  "registers several kernels in the user's folder, each under its own name",
  () => {
    const data = join(dir, "home", ".local", "share", "jupyter");
    expect(gradbook("install", "--user").said).toContain(specIn(data));
    expect(gradbook("install", "--name", "tslab").said).toContain(specIn(data, "tslab"));
    expect(gradbook("uninstall", "--name", "tslab").status).toBe(0);
    expect([existsSync(specIn(data)), existsSync(specIn(data, "tslab"))]).toEqual([true, false]);
    expect(gradbook("uninstall", "--name", "tslab")).toEqual({
      status: 1,
      said: `there is no kernel at ${specIn(data, "tslab")}: \`jupyter kernelspec list\` shows all.`,
    });
  },
);

test("rejects a name that is invalid or belongs to another program", () => {
  const spec = specIn(join(dir, "share", "jupyter"), "tslab");
  mkdirSync(join(spec, ".."), { recursive: true });
  writeFileSync(spec, JSON.stringify({ argv: ["tslab", "kernel"] }));
  expect(gradbook("uninstall", "--prefix", dir, "--name", "tslab")).toEqual({
    status: 1,
    said: `${spec} is not gradbook's kernel: \`jupyter kernelspec remove\` removes any.`,
  });
  expect(existsSync(spec)).toBe(true);
  // The kernel may take over tslab's notebooks, but no others.
  expect(gradbook("install", "--prefix", dir, "--name", "tslab").status).toBe(0);
  const python = specIn(join(dir, "share", "jupyter"), "python3");
  mkdirSync(join(python, ".."));
  writeFileSync(python, JSON.stringify({ argv: ["python3", "-m", "ipykernel_launcher"] }));
  expect(gradbook("install", "--prefix", dir, "--name", "python3")).toEqual({
    status: 1,
    said: `${python} is another program's kernel: give another --name, or remove that one first with \`jupyter kernelspec remove python3\`.`,
  });
  for (const name of ["a b", "..", "."])
    expect(gradbook("install", "--prefix", dir, "--name", name)).toEqual({
      status: 1,
      said: `--name ${name}: a kernel's name has letters, digits, ".", "-" and "_" only.`,
    });
  expect(gradbook("install", "--prefix", "")).toEqual({
    status: 1,
    said: "--prefix is empty: give a folder, such as .venv.",
  });
});

test("registers a kernel in the active environment, with a name to show, variables and a logo", () => {
  const data = join(dir, "env", "share", "jupyter");
  const inEnvironment = { VIRTUAL_ENV: join(dir, "env") };
  const look = ["--display-name", "Twins", "--env", "OMP_NUM_THREADS=4", "--env", "EMPTY="];
  expect(gradbookWith(inEnvironment, "install", "--sys-prefix", ...look).said).toContain(specIn(data));
  expect(JSON.parse(readFileSync(specIn(data), "utf8"))).toMatchObject({
    display_name: "Twins",
    env: { OMP_NUM_THREADS: "4", EMPTY: "" },
  });
  expect(readFileSync(join(specIn(data), "..", "logo-svg.svg"), "utf8")).toMatch(/^<svg /);
  expect(gradbookWith(inEnvironment, "uninstall", "--sys-prefix").status).toBe(0);
});

test("refuses a missing environment and a variable without a value", () => {
  expect(gradbookWith({ VIRTUAL_ENV: "", CONDA_PREFIX: "" }, "install", "--sys-prefix").said).toContain(
    "--sys-prefix: no virtual or conda environment is active. Activate one, or give --prefix.",
  );
  expect(gradbook("install", "--env", "OMP").said).toContain(
    "--env OMP: give a variable as KEY=VALUE, such as --env OMP_NUM_THREADS=4.",
  );
});
