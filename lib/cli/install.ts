import { resolve } from "node:path";
import { Command, Option } from "commander";
import { installKernel, KERNEL, type KernelLocation, SetupError, uninstallKernel } from "./setup";

/** `gradbook install`: installs the kernel for any Jupyter of this user, or for one environment. */
export function installCommand(): Command {
  return placed(
    new Command("install")
      .description("register the TypeScript kernel with Jupyter; again after an upgrade or a move")
      .option("--display-name <name>", "the name that Jupyter shows")
      .option("--env <KEY=VALUE...>", "environment variables of the kernel"),
  ).action((options: Options & { displayName?: string; env?: string[] }) => {
    const place = placeOf(options);
    const file = installKernel(place, { displayName: options.displayName, env: variables(options.env) });
    console.log(`kernel "${place.name}" is registered: ${file}`);
  });
}

/** `gradbook uninstall`: removes the kernel. */
export function uninstallCommand(): Command {
  return placed(new Command("uninstall").description("remove the kernel from Jupyter")).action(
    (options: Options) => console.log(`removed ${uninstallKernel(placeOf(options))}`),
  );
}

interface Options {
  user?: boolean;
  prefix?: string;
  sysPrefix?: boolean;
  name: string;
}

const placed = (command: Command) =>
  command
    .addOption(
      new Option("--user", "for this user, in any Jupyter (the default)").conflicts(["prefix", "sysPrefix"]),
    )
    .option(
      "--prefix <dir>",
      "install into <dir>/share/jupyter, where <dir> is for example a virtual environment's folder",
    )
    .addOption(
      new Option("--sys-prefix", "install into the active virtual or conda environment").conflicts("prefix"),
    )
    .option("--name <name>", 'the kernel\'s name; "tslab" takes over notebooks saved for tslab', KERNEL);

const placeOf = ({ prefix, sysPrefix, name }: Options): KernelLocation & { name: string } => ({
  name,
  ...(sysPrefix && { prefix: activeEnvironment() }),
  // An empty prefix, such as an unset variable, would resolve to the working folder, so it is kept empty.
  ...(prefix !== undefined && { prefix: prefix && resolve(prefix) }),
});

function activeEnvironment(): string {
  const { VIRTUAL_ENV, CONDA_PREFIX } = process.env;
  const folder = VIRTUAL_ENV || CONDA_PREFIX;
  if (!folder)
    throw new SetupError(
      "--sys-prefix: no virtual or conda environment is active. Activate one, or give --prefix.",
    );
  return folder;
}

function variables(pairs: readonly string[] = []): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const [, key, value] = /^([A-Za-z_]\w*)=(.*)$/s.exec(pair) ?? [];
      if (key === undefined || value === undefined)
        throw new SetupError(`--env ${pair}: give a variable as KEY=VALUE, such as --env OMP_NUM_THREADS=4.`);
      return [key, value];
    }),
  );
}
