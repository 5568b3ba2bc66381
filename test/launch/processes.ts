import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";

/** A test script in a separate process, and its output. */
export function script(name: string, argument: unknown, env: NodeJS.ProcessEnv = {}, prefix: string[] = []) {
  const [command, ...first] = [...prefix, process.execPath];
  const child = spawn(
    command!,
    [...first, "--require", "tsx/cjs", resolve("test/launch", name), JSON.stringify(argument)],
    { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] },
  );
  return { child, ended: endOf(child) };
}

/** Waits until a process has ended. @returns its output and how it ended */
export async function endOf(child: ChildProcess) {
  let output = "";
  const take = (text: Buffer) => {
    output += text.toString();
  };
  child.stdout!.on("data", take);
  child.stderr!.on("data", take);
  const started = Date.now();
  const [code, signal] = await new Promise<[number | null, string | null]>((done) =>
    child.once("close", (...how) => done(how)),
  );
  return { code, signal, output, seconds: (Date.now() - started) / 1000 };
}

/** Returns the processes whose command line or environment names a folder. */
export function processesOf(folder: string): number[] {
  const mentions = (pid: string) => {
    try {
      return ["cmdline", "environ"].some((file) =>
        readFileSync(`/proc/${pid}/${file}`, "utf8").includes(folder),
      );
    } catch {
      return false;
    }
  };
  return readdirSync("/proc")
    .filter((pid) => /^\d+$/.test(pid) && Number(pid) !== process.pid && mentions(pid))
    .map(Number);
}

/**
 * Waits until a condition holds, or until the script that should cause it has ended; otherwise the test's time limit
 * applies.
 */
export async function until(is: () => boolean, ended?: Promise<{ output: string }>): Promise<void> {
  let output: string | undefined;
  void ended?.then((end) => {
    output = end.output;
  });
  while (!is()) {
    if (output !== undefined) throw new Error(`the script ended before: ${output}`);
    await new Promise((done) => setTimeout(done, 50));
  }
}
