import { execFileSync, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { ADDRESSES, makeHosts, NAMES, nameHosts, on, removeHosts } from "../launch/hosts";

const NODES = ["node1", "node2"] as const;

/** Options of sbatch that run the documented job on two nodes with one task each. */
export const TWO_TASKS = [
  "--nodes=2",
  "--ntasks-per-node=1",
  "--gpus-per-node=1",
  "--cpus-per-task=1",
] as const;

/** A cluster of SLURM on this machine: the controller and two nodes, in two network namespaces that represent hosts. */
export class SlurmCluster {
  private readonly env: NodeJS.ProcessEnv;

  /** @param dir an empty folder for its files @throws Error when this machine does not allow it */
  constructor(private readonly dir: string) {
    const refused = makeHosts();
    if (refused) throw new Error(refused);
    this.env = { ...process.env, SLURM_CONF: join(dir, "slurm.conf") };
    this.configure();
    this.start(
      0,
      "munged",
      "--force",
      ...Object.entries(this.munge()).map(([key, path]) => `--${key}=${path}`),
    );
    this.start(0, "slurmctld", "-c");
    for (const node of NODES.keys()) this.startNode(node);
  }

  /** Ends the controller, as for an upgrade of SLURM. Jobs continue meanwhile. */
  stopController(): void {
    process.kill(Number(readFileSync(join(this.dir, "slurmctld.pid"), "utf8")));
  }

  /** Starts the controller again, with the jobs that it had. */
  startController(): void {
    this.start(0, "slurmctld");
  }

  /** Starts the daemon of a node. */
  startNode(node: number): void {
    this.start(node, "slurmd", "-N", NODES[node]!);
  }

  /**
   * Kills a node with all of its processes, as a loss of its power does. All are stopped first, so that no daemon lives to report the death
   * of its tasks.
   */
  killNode(node: number): void {
    for (const signal of ["SIGSTOP", "SIGKILL"] as const)
      for (const pid of processesIn(NAMES[node]!)) process.kill(pid, signal);
    this.run("scontrol", "update", `nodename=${NODES[node]}`, "state=down", "reason=test");
  }

  /** Runs a command of SLURM on the first host. @returns its output */
  run(command: string, ...args: string[]): string {
    return this.runIn(this.dir, command, ...args);
  }

  private runIn(cwd: string, command: string, ...args: string[]): string {
    const [first, ...rest] = [...on(0), command, ...args];
    return execFileSync(first!, rest, {
      encoding: "utf8",
      env: this.env,
      cwd,
      timeout: 60_000,
    }).trim();
  }

  /** Submits a batch script in a folder. @returns the number of the job */
  submit(folder: string, script: string, ...options: string[]): string {
    return this.runIn(folder, "sbatch", "--parsable", ...options, script);
  }

  /** Returns the state of a job, such as RUNNING. */
  stateOf(job: string): string {
    return /JobState=(\w+)/.exec(this.run("scontrol", "show", "job", job))?.[1] ?? "";
  }

  /** Environment variables with which commands of SLURM reach this cluster, and the prefix of such a command. */
  get access(): { env: NodeJS.ProcessEnv; prefix: string[] } {
    return { env: this.env, prefix: on(0) };
  }

  /** The ends of all logs, for errors. */
  logs(): string {
    const logs = readdirSync(this.dir).filter((name) => name.endsWith(".log"));
    return logs
      .map((name) => `${name}:\n${readFileSync(join(this.dir, name), "utf8").slice(-1500)}`)
      .join("\n");
  }

  stop(): void {
    for (const name of NAMES) for (const pid of processesIn(name)) process.kill(pid, "SIGKILL");
    removeHosts();
  }

  private start(host: number, ...command: string[]): void {
    const [first, ...rest] = [...on(host), ...command];
    const { status, stderr } = spawnSync(first!, rest, { encoding: "utf8", env: this.env, timeout: 60_000 });
    if (status !== 0) throw new Error(`${command.join(" ")}: ${stderr}`);
  }

  private munge() {
    const file = (name: string) => join(this.dir, `munge.${name}`);
    return {
      "key-file": file("key"),
      socket: file("socket"),
      "pid-file": file("pid"),
      "log-file": file("log"),
      "seed-file": file("seed"),
    };
  }

  private configure(): void {
    const { dir } = this;
    nameHosts(NODES);
    mkdirSync(join(dir, "state"));
    writeFileSync(join(dir, "munge.key"), randomBytes(128), { mode: 0o400 });
    // Files that stand for GPUs.
    for (let i = 0; i < 8; i++) execFileSync("mknod", [join(dir, `gpu${i}`), "c", "1", "3"]);
    writeFileSync(join(dir, "gres.conf"), `NodeName=node[1-2] Name=gpu File=${dir}/gpu[0-7]\n`);
    writeFileSync(join(dir, "cgroup.conf"), "CgroupPlugin=cgroup/v1\n");
    writeFileSync(
      join(dir, "slurm.conf"),
      `
ClusterName=gradbook
SlurmctldHost=${hostname()}(${ADDRESSES[0]})
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
# A requeued job waits until its earlier credentials have expired: two minutes by default.
AuthInfo=socket=${dir}/munge.socket,cred_expire=10
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
MpiDefault=none
MailProg=/bin/true
StateSaveLocation=${dir}/state
SlurmdSpoolDir=${dir}/spool-%n
SlurmctldPidFile=${dir}/slurmctld.pid
SlurmdPidFile=${dir}/slurmd-%n.pid
SlurmctldLogFile=${dir}/slurmctld.log
SlurmdLogFile=${dir}/slurmd-%n.log
SlurmdTimeout=20
KillWait=20
ReturnToService=2
SchedulerParameters=sched_interval=1,sched_min_interval=0,bf_interval=1
SlurmdParameters=config_overrides
JobRequeue=1
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
GresTypes=gpu
NodeName=node[1-2] CPUs=8 State=UNKNOWN Gres=gpu:8
PartitionName=debug Nodes=ALL Default=YES MaxTime=INFINITE State=UP
`,
    );
  }
}

/** Returns the processes in a network namespace. */
function processesIn(namespace: string): number[] {
  if (!existsSync(`/run/netns/${namespace}`)) return [];
  const { stdout } = spawnSync("ip", ["netns", "pids", namespace], { encoding: "utf8" });
  return stdout.split("\n").filter(Boolean).map(Number);
}
