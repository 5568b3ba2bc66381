import { Command } from "commander";

/**
 * A command whose long options may be abbreviated to any unambiguous beginning, as Python's argparse allows: `--lear`
 * for `--learning_rate`. A complete name is always that option, even if other names begin with it.
 */
export class AbbreviatedCommand extends Command {
  override parseOptions(args: string[]): ReturnType<Command["parseOptions"]> {
    const end = args.indexOf("--");
    const [before, after] = end < 0 ? [args, []] : [args.slice(0, end), args.slice(end)];
    return super.parseOptions([...before.map((word) => this.complete(word)), ...after]);
  }

  /** Completes the name in a word of the form `--name` or `--name=value`. An unknown name is left to commander's error. */
  private complete(word: string): string {
    const [name = "", ...value] = word.split("=");
    if (!/^--\w/.test(name)) return word;
    const names = this.createHelp()
      .visibleOptions(this)
      .flatMap(({ long }) => (long?.startsWith(name) ? [long] : []));
    if (names.includes(name)) return word;
    if (names.length > 1)
      this.error(`error: ambiguous option '${name}' may be one of: ${names.sort().join(", ")}`);
    return [names[0] ?? name, ...value].join("=");
  }
}
