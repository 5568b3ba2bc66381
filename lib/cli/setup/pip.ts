import { gigabytes } from "./build";
import { runChild } from "./child";
import { type Progress, SetupError } from "./progress";

/** The size from which a download is reported in a log. */
const LARGE_BYTES = 5e6;

/** Options for pip: the packages are listed with all of their dependencies, so pip adds and builds none. */
export const PINNED_ONLY: readonly string[] = [
  "--progress-bar",
  "raw",
  "--no-deps",
  "--only-binary",
  ":all:",
];

/** Installs the pinned pip. A missing network is detected here, early and with a small file. */
export async function upgradePip(
  python: string,
  pip: string,
  env: NodeJS.ProcessEnv,
  progress: Progress,
): Promise<void> {
  return pipInstall(python, [...(env.PIP_RETRIES ? [] : ["--retries", "2"]), pip], 1, env, progress);
}

/**
 * Runs `pip install` and reports its progress.
 *
 * @param python the interpreter of the virtual environment
 * @param count the number of packages that will be installed
 * @throws SetupError that names what is missing: network, disk space, a package
 */
export async function pipInstall(
  python: string,
  args: readonly string[],
  count: number,
  env: NodeJS.ProcessEnv,
  progress: Progress,
): Promise<void> {
  const onLine = watcher(count, progress);
  // -I excludes PYTHONPATH and the user's own packages. Byte code is written at first use instead of for all of
  // TensorFlow.
  const command = ["-I", "-m", "pip", "install", "--no-compile", "--disable-pip-version-check", ...args];
  const { code, output } = await runChild(python, command, { env: pipEnvironment(env), onLine });
  if (code !== 0) throw new SetupError(explain(output, env));
}

/** Keeps the user's own settings (index, proxy, certificates), but not those that install packages elsewhere. */
function pipEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { PIP_TARGET, PIP_PREFIX, PIP_ROOT, PIP_CONSTRAINT, ...kept } = env;
  return { ...kept, PIP_USER: "0", PIP_NO_INPUT: "1" };
}

/** Follows pip's output: `Collecting x`, `Downloading x.whl (273.8 MB)`, `Progress 262144 of 273800000`, `Installing`. */
function watcher(count: number, progress: Progress): (line: string) => void {
  let collected = 0;
  let name = "";
  return (line) => {
    const collecting = /^Collecting ([\w.-]+)/.exec(line)?.[1];
    if (collecting) {
      name = collecting;
      progress.now(`package ${++collected} of ${count}: ${name}`);
    }
    const size = /^\s+Downloading \S+ \(([\d.]+) (MB|GB)\)/.exec(line);
    if (size && Number(size[1]) * (size[2] === "GB" ? 1e9 : 1e6) >= LARGE_BYTES)
      progress.note(`downloading ${name}, ${size[1]} ${size[2]}`);
    const [, at, of] = /^Progress (\d+) of (\d+)/.exec(line) ?? [];
    if (at && Number(of) >= LARGE_BYTES) {
      const percent = Math.floor((100 * Number(at)) / Number(of));
      progress.now(`package ${collected} of ${count}: ${name}, ${percent} % of ${gigabytes(Number(of))}`);
    }
    if (/^Installing collected packages/.test(line)) progress.note("unpacking");
  };
}

// Without retries pip says only that there are no versions at all.
const UNREACHABLE =
  /NewConnectionError|ConnectTimeout|ReadTimeout|ConnectionError|ProxyError|SSLError|Max retries exceeded|Network is unreachable|name resolution|connection broken|HTTP error 4\d\d|HTTP error 5\d\d|from versions: none/i;

/** Explains pip's output in one line: the problem and the remedy. */
function explain(output: string, env: NodeJS.ProcessEnv): string {
  if (/No space left on device|Errno 28|Disk quota exceeded/.test(output))
    return "pip ran out of disk space: free some (the project, pip's cache and the temporary folder need it), and start again.";
  if (UNREACHABLE.test(output)) {
    const host = /host='([^']+)', port=(\d+)/.exec(output);
    const index = env.PIP_INDEX_URL ?? (host ? `${host[1]}:${host[2]}` : "as pip is configured");
    return (
      `pip cannot reach its package index (${index}): check the network; behind a proxy set HTTPS_PROXY, for a mirror run ` +
      "pip config set global.index-url <address>; then start again."
    );
  }
  const missing = /No matching distribution found for (\S+)/.exec(output)?.[1];
  if (missing)
    return `pip's package index has no ${missing} for this Python and machine: use the index of pypi.org or a full mirror of it, and start again.`;
  const last = output.split("\n").findLast((line) => /error/i.test(line)) ?? output.split("\n").at(-1) ?? "";
  return `pip failed: ${last.trim()} (start again to try once more).`;
}
