import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { makeHosts, NAMES, nameHosts, on, removeHosts } from "../launch/hosts";

/** The folders of Debian's packages. */
const [INSTALLED, SHARED, TOOLS] = [
  "/var/lib/gridengine",
  "/usr/share/gridengine",
  "/usr/lib/gridengine",
] as const;

/** A cluster of Grid Engine on this machine: the master and one node with two slots, in a network namespace that represents a host. */
export class GridEngine {
  private readonly env: NodeJS.ProcessEnv;

  /** @param dir an empty folder for its files @throws Error when this machine does not allow it */
  constructor(private readonly dir: string) {
    const refused = makeHosts();
    if (refused) throw new Error(refused);
    nameHosts([]);
    const editor = join(dir, "edit-queue");
    this.env = { ...process.env, SGE_ROOT: dir, SGE_CELL: "default", EDITOR: editor };
    // A busy machine takes jobs, too.
    const changes = { hostlist: hostname(), slots: 2, pe_list: "NONE", load_thresholds: "NONE" };
    const edits = Object.entries(changes).map(([name, value]) => `s/^${name} .*/${name} ${value}/`);
    writeFileSync(editor, `#!/bin/sh\nsed -i '${edits.join(";")}' "$1"\n`, { mode: 0o755 });
    this.configure();
    this.run("sge_qmaster");
    this.run("qconf", "-as", hostname());
    this.run("sge_execd");
    this.run("qconf", "-aq", "all.q");
  }

  /** Environment variables with which commands of Grid Engine reach this cluster, and the prefix of such a command. */
  get access(): { env: NodeJS.ProcessEnv; prefix: string[] } {
    return { env: this.env, prefix: on(0) };
  }

  stop(): void {
    const { stdout } = spawnSync("ip", ["netns", "pids", NAMES[0]!], { encoding: "utf8" });
    for (const pid of stdout.split("\n").filter(Boolean)) process.kill(Number(pid), "SIGKILL");
    removeHosts();
  }

  private configure(): void {
    const { dir } = this;
    const [common, spool] = [join(dir, "default", "common"), join(dir, "spool")];
    for (const folder of [common, spool, join(dir, "execd")]) mkdirSync(folder, { recursive: true });
    for (const name of readdirSync(INSTALLED).filter((name) => name !== "default"))
      symlinkSync(join(INSTALLED, name), join(dir, name));
    const places = `${common};${spool}`;
    const bootstrap = {
      admin_user: "root",
      default_domain: "none",
      ignore_fqdn: "false",
      security_mode: "none",
      spooling_method: "classic",
      spooling_lib: "libspoolc",
      spooling_params: places,
      binary_path: "/usr/sbin",
      qmaster_spool_dir: spool,
      listener_threads: 2,
      worker_threads: 2,
      scheduler_threads: 1,
    };
    const lines = Object.entries(bootstrap).map(([name, value]) => `${name} ${value}\n`);
    writeFileSync(join(common, "bootstrap"), lines.join(""));
    writeFileSync(join(common, "act_qmaster"), `${hostname()}\n`);
    // By default no job runs as root.
    const defaults = readFileSync(join(SHARED, "default-configuration"), "utf8")
      .replaceAll(/^(min_[ug]id) .*/gm, "$1 0")
      .replace(/^execd_spool_dir .*/m, `execd_spool_dir ${join(dir, "execd")}`);
    writeFileSync(join(dir, "configuration"), defaults);
    this.run(join(TOOLS, "spoolinit"), "classic", "libspoolc", places, "init");
    const resources = join(SHARED, "util", "resources");
    for (const [what, value] of [
      ["configuration", join(dir, "configuration")],
      ["complexes", join(resources, "centry")],
      ["usersets", join(resources, "usersets")],
      ["managers", "root"],
    ] as const)
      this.run(join(TOOLS, "spooldefaults"), what, value);
  }

  private run(...command: string[]): void {
    const [first, ...rest] = [...on(0), ...command];
    const { status, stdout, stderr } = spawnSync(first!, rest, {
      encoding: "utf8",
      env: this.env,
      timeout: 60_000,
    });
    if (status !== 0) throw new Error(`${command.join(" ")}: ${stdout}${stderr}`);
  }
}
