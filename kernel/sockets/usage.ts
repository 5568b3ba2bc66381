import { availableParallelism, cpus, freemem, hostname, totalmem } from "node:os";

/** The use of the processor and memory, for the panel of jupyter-resource-usage. Percentages are those since the last report. */
export class Usage {
  private own = { at: performance.now(), cpu: process.cpuUsage() };
  private host = hostTimes();

  /** Returns the content of usage_reply. Memory is in bytes; 100 % is one processor for `kernel_cpu`, all for the host. */
  report(): object {
    const { user, system } = process.cpuUsage(this.own.cpu);
    const elapsed = Math.max(1, performance.now() - this.own.at);
    this.own = { at: performance.now(), cpu: process.cpuUsage() };
    const before = this.host;
    this.host = hostTimes();
    const all = this.host.all - before.all;
    const [total, free] = [totalmem(), freemem()];
    const used = total - free;
    return {
      hostname: hostname(),
      pid: process.pid,
      kernel_cpu: (100 * (user + system)) / 1000 / elapsed,
      kernel_memory: process.memoryUsage.rss(),
      ...(all > 0 && { host_cpu_percent: 100 * (1 - (this.host.idle - before.idle) / all) }),
      cpu_count: availableParallelism(),
      host_virtual_memory: { total, available: free, percent: (100 * used) / total, used, free },
    };
  }
}

/** Returns the time of all processors since the machine's start, and the idle part of it. */
function hostTimes(): { idle: number; all: number } {
  const times = cpus().map(({ times }) => times);
  const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
  return { idle: sum(times.map(({ idle }) => idle)), all: sum(times.flatMap((one) => Object.values(one))) };
}
