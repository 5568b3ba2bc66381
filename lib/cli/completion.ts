import { Argument, Command } from "commander";

const SHELLS = ["bash", "zsh", "fish"] as const;
type Shell = (typeof SHELLS)[number];

/** The words that may follow `gradbook` or one of its commands on a command line. */
interface Words {
  /** Empty for `gradbook` itself. */
  command: string;
  description: string;
  options: readonly { name: string; description: string }[];
}

/**
 * `gradbook completion`: a script that completes commands, options and files in a shell.
 *
 * @param program returns `gradbook` with all commands
 */
export function completionCommand(program: () => Promise<Command>): Command {
  return new Command("completion")
    .description("print a shell's completion script, such as for `source <(gradbook completion bash)`")
    .addArgument(new Argument("<shell>", "the shell").choices(SHELLS))
    .action(async (shell: Shell) => {
      console.log(SCRIPTS[shell](wordsOf(await program())));
    });
}

function wordsOf(program: Command): Words[] {
  return [program, ...program.commands].map((command) => ({
    command: command === program ? "" : command.name(),
    description: firstLine(command.description()),
    options: command
      .createHelp()
      .visibleOptions(command)
      .filter(({ long }) => long)
      .map(({ long, description }) => ({ name: long!, description: firstLine(description) })),
  }));
}

const firstLine = (text: string) => text.split("\n")[0]!;
const commandsOf = (words: readonly Words[]) => words.filter(({ command }) => command);
const optionNames = ({ options }: Words) => options.map(({ name }) => name).join(" ");
/** Quotes a text as one word of a shell. */
const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;
const quotedInFish = (text: string) => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;

const SCRIPTS: Record<Shell, (words: readonly Words[]) => string> = { bash, zsh, fish };

function bash(words: readonly Words[]): string {
  const cases = words.map((one) => `    ${one.command || "''"}) options='${optionNames(one)}' ;;`);
  const commands = commandsOf(words).map(({ command }) => command);
  return `_gradbook() {
  local word=\${COMP_WORDS[COMP_CWORD]} command='' options=''
  if [ "$COMP_CWORD" -gt 1 ]; then command=\${COMP_WORDS[1]}; fi
  case $command in
${cases.join("\n")}
  esac
  if [[ $word == -* ]]; then COMPREPLY=($(compgen -W "$options" -- "$word"))
  elif [ "$COMP_CWORD" -eq 1 ]; then COMPREPLY=($(compgen -W '${commands.join(" ")}' -- "$word"))
  else COMPREPLY=($(compgen -f -- "$word")); fi
}
complete -o filenames -F _gradbook gradbook`;
}

function zsh(words: readonly Words[]): string {
  const described = (name: string, description: string) =>
    quoted(`${name.replaceAll(":", "\\:")}:${description}`);
  const cases = words.map(
    ({ command, options }) =>
      `    ${command || "''"}) options=(${options.map(({ name, description }) => described(name, description)).join(" ")}) ;;`,
  );
  const commands = commandsOf(words).map(({ command, description }) => described(command, description));
  return `#compdef gradbook
_gradbook() {
  local command=''
  local -a commands options
  commands=(${commands.join(" ")})
  if (( CURRENT > 2 )); then command=$words[2]; fi
  case $command in
${cases.join("\n")}
  esac
  if [[ $words[CURRENT] == -* ]]; then _describe option options
  elif (( CURRENT == 2 )); then _describe command commands
  else _files; fi
}
compdef _gradbook gradbook`;
}

function fish(words: readonly Words[]): string {
  const commands = commandsOf(words).map(
    ({ command, description }) =>
      `complete -c gradbook -f -n __fish_use_subcommand -a ${command} -d ${quotedInFish(description)}`,
  );
  const options = words.flatMap(({ command, options }) =>
    options.map(({ name, description }) => {
      const when = command ? `'__fish_seen_subcommand_from ${command}'` : "__fish_use_subcommand";
      return `complete -c gradbook -n ${when} -l ${name.slice(2)} -d ${quotedInFish(description)}`;
    }),
  );
  return [...commands, ...options].join("\n");
}
