import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { makeFolderOf } from "../../base/files/folder";
import { packageRoot } from "../../base/files/package";
import { pipInstall } from "./pip";
import { SetupError, type SetupStep } from "./progress";
import { venvFolder, venvPython } from "./venv";

/** The name that notebooks ask for in their metadata. */
export const KERNEL = "gradbook";
/** The kernel whose notebooks this kernel may take over. */
const TSLAB = "tslab";

/** kernel.json of the kernel `name` in a folder of Jupyter's data, such as `~/.local/share/jupyter`. */
const specFile = (data: string, name: string) => join(data, "kernels", name, "kernel.json");

const prefixData = (prefix: string) => join(prefix, "share", "jupyter");

/** Returns the path of the kernel registration in `.venv`. */
export const kernelFile = (project: string) => specFile(prefixData(venvFolder(project)), KERNEL);

/**
 * Registers the TypeScript kernel in `.venv` only. The registration is written again when Node or the project has
 * moved.
 */
export function kernelStep(project: string): SetupStep {
  const file = kernelFile(project);
  return {
    title: "TypeScript kernel for Jupyter",
    isDone: () => existsSync(file) && readFileSync(file, "utf8") === spec() && existsSync(logoOf(file)),
    run: async () => write(file),
  };
}

/** The location of a kernel: the user's folder, or a prefix such as a virtual environment. */
export interface KernelLocation {
  /** The folder whose `share/jupyter` Jupyter reads. Default: the user's own data folder. */
  prefix?: string;
  /** The kernel's name. Default `gradbook`. `tslab` takes over the notebooks that were saved for tslab. */
  name?: string;
}

/** The properties of a registration that a user may choose. */
export interface KernelLook {
  /** The name that Jupyter shows. Default `TypeScript (gradbook)`. */
  displayName?: string;
  /** Environment variables of the kernel. */
  env?: Record<string, string>;
}

/**
 * Registers this package's kernel, or updates an existing registration.
 *
 * @returns the path of its kernel.json
 * @throws SetupError when the name is invalid for a kernel or belongs to another program, or the folder cannot be
 * written
 */
export function installKernel(place: KernelLocation = {}, look: KernelLook = {}): string {
  const file = fileOf(place);
  if (place.name !== TSLAB && existsSync(file) && !isOurs(file))
    throw new SetupError(
      `${file} is another program's kernel: give another --name, or remove that one first with \`jupyter kernelspec remove ${place.name ?? KERNEL}\`.`,
    );
  if (!existsSync(entry()))
    throw new SetupError(
      `${entry()} is missing: run \`npm run build\` in ${packageRoot()}, then repeat the command.`,
    );
  write(file, look);
  return file;
}

/**
 * Removes the registration that `installKernel` made.
 *
 * @returns the removed folder
 * @throws SetupError when there is no such kernel, or it belongs to another program
 */
export function uninstallKernel(place: KernelLocation = {}): string {
  const file = fileOf(place);
  if (!existsSync(file))
    throw new SetupError(`there is no kernel at ${file}: \`jupyter kernelspec list\` shows all.`);
  if (!isOurs(file))
    throw new SetupError(`${file} is not gradbook's kernel: \`jupyter kernelspec remove\` removes any.`);
  try {
    rmSync(dirname(file), { recursive: true });
  } catch (error) {
    throw new SetupError(`${dirname(file)} cannot be removed: ${(error as Error).message}`);
  }
  return dirname(file);
}

function fileOf({ prefix, name = KERNEL }: KernelLocation): string {
  // A name of dots alone would refer to a parent folder.
  if (!/^[\w.-]*[\w-][\w.-]*$/.test(name))
    throw new SetupError(`--name ${name}: a kernel's name has letters, digits, ".", "-" and "_" only.`);
  if (prefix === "") throw new SetupError("--prefix is empty: give a folder, such as .venv.");
  return specFile(prefix === undefined ? userData() : prefixData(prefix), name);
}

/** https://docs.jupyter.org/en/latest/use/jupyter-directories.html#data-files */
function userData(): string {
  const { JUPYTER_DATA_DIR, XDG_DATA_HOME } = process.env;
  if (JUPYTER_DATA_DIR) return JUPYTER_DATA_DIR;
  if (process.platform === "darwin") return join(homedir(), "Library", "Jupyter");
  return join(XDG_DATA_HOME || join(homedir(), ".local", "share"), "jupyter");
}

/**
 * Interrupts need an internal module of Node (kernel/evaluator/termination.ts). The second flag hides the warning about
 * it.
 */
const FLAGS = ["--expose-internals", "--disable-warning=internal/test/binding"];

const entry = () => join(packageRoot(), "dist", "kernel", "main.js");

function spec({ displayName, env = {} }: KernelLook = {}): string {
  const content = {
    argv: [process.execPath, ...FLAGS, entry(), "{connection_file}"],
    display_name: displayName ?? "TypeScript (gradbook)",
    language: "typescript",
    interrupt_mode: "message",
    metadata: { debugger: true },
    ...(Object.keys(env).length && { env }),
  };
  return `${JSON.stringify(content, null, 2)}\n`;
}

/** Writes the file atomically, because Jupyter may read it at any time. */
function write(file: string, look: KernelLook = {}): void {
  makeFolderOf(file);
  try {
    writeFileSync(logoOf(file), LOGO);
    writeFileSync(`${file}.tmp`, spec(look));
    renameSync(`${file}.tmp`, file);
  } catch (error) {
    throw new SetupError(`${dirname(file)} cannot be written: ${(error as Error).message}`);
  }
}

/** The file beside kernel.json that Jupyter shows in its launcher. */
const logoOf = (file: string) => join(dirname(file), "logo-svg.svg");

/** A curve of gradient descent on TypeScript's blue. */
const LOGO = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">
  <rect width="64" height="64" rx="8" fill="#3178c6"/>
  <path d="M10 12 C16 44 26 52 54 52" fill="none" stroke="#fff" stroke-width="5" stroke-linecap="round"/>
  <circle cx="14" cy="27" r="4.5" fill="#fff"/>
  <circle cx="24" cy="43" r="4.5" fill="#fff"/>
  <circle cx="54" cy="52" r="4.5" fill="#fff"/>
</svg>
`;

function isOurs(file: string): boolean {
  try {
    const { argv } = JSON.parse(readFileSync(file, "utf8")) as { argv: string[] };
    // The entry file may have had another name in an older version.
    return argv.some((word) => /[\\/]dist[\\/]kernel[\\/][\w-]+\.js$/.test(word));
  } catch {
    return false;
  }
}

const PACKAGE = "gradbook_papermill";

/** Installs the papermill plug-in into `.venv`, and again when its source has changed. It needs no network. */
export function papermillStep(project: string): SetupStep {
  const source = join(packageRoot(), "kernel", "papermill");
  return {
    title: "papermill for TypeScript notebooks",
    isDone: () =>
      sitePackages(project).some((folder) => isCopy(join(source, PACKAGE), join(folder, PACKAGE))),
    async run(progress) {
      const args = ["--no-deps", "--no-index", "--force-reinstall", source];
      await pipInstall(venvPython(project), args, 1, process.env, progress);
    },
  };
}

function sitePackages(project: string): string[] {
  const lib = join(venvFolder(project), "lib");
  const versions = existsSync(lib) ? readdirSync(lib) : [];
  return versions.map((version) => join(lib, version, "site-packages"));
}

function isCopy(source: string, installed: string): boolean {
  const modules = readdirSync(source).filter((file) => file.endsWith(".py"));
  return modules.every(
    (file) =>
      existsSync(join(installed, file)) &&
      readFileSync(join(installed, file)).equals(readFileSync(join(source, file))),
  );
}
