import { resolve } from "node:path";
import { Command, Option } from "commander";
import { installKernel, KERNEL, type KernelLocation, uninstallKernel } from "./setup";

/** `gradbook install`: installs the kernel for any Jupyter of this user, or for one environment. */
export function installCommand(): Command {
  return placed(
    new Command("install").description(
      "register the TypeScript kernel with Jupyter; again after an upgrade or a move",
    ),
  ).action((options: Options) => {
    const place = placeOf(options);
    const file = installKernel(place);
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
  name: string;
}

const placed = (command: Command) =>
  command
    .addOption(new Option("--user", "for this user, in any Jupyter (the default)").conflicts("prefix"))
    .option(
      "--prefix <dir>",
      "install into <dir>/share/jupyter, where <dir> is for example a virtual environment's folder",
    )
    .option("--name <name>", 'the kernel\'s name; "tslab" takes over notebooks saved for tslab', KERNEL);

const placeOf = ({ prefix, name }: Options): KernelLocation & { name: string } => ({
  name,
  // An empty prefix, such as an unset variable, would resolve to the working folder, so it is kept empty.
  ...(prefix !== undefined && { prefix: prefix && resolve(prefix) }),
});
