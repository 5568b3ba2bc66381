import koffi from "koffi";
import type { ReadEnds } from "../sockets/mail";

/**
 * Makes file descriptors 1 and 2 pipes, whose other ends the sockets' thread reads: TensorFlow, other native code and child
 * processes that wait in `execSync` write there, past JavaScript. Every cell has pipes of its own: a child keeps those with
 * which it was started, so what it says in the background is known to be that cell's.
 */
export class Descriptors {
  private readonly libc = koffi.load(process.platform === "darwin" ? "libSystem.B.dylib" : "libc.so.6");
  private readonly pipe = this.libc.func("int pipe(_Out_ int *ends)") as (ends: number[]) => number;
  private readonly dup2 = this.libc.func("int dup2(int from, int to)") as (
    from: number,
    to: number,
  ) => number;
  private readonly close = this.libc.func("int close(int fd)") as (fd: number) => number;
  /** The kernel's own log: stderr as Jupyter gave it. */
  readonly log = (this.libc.func("int dup(int fd)") as (fd: number) => number)(2);

  /**
   * Replaces the pipes. @returns the ends to read; none when the system has no more descriptors, and the old pipes stay
   * in use
   */
  renew(): ReadEnds {
    return { stdout: this.redirect(1), stderr: this.redirect(2) };
  }

  private redirect(fd: number): number | undefined {
    const ends = [0, 0];
    if (this.pipe(ends) !== 0) return undefined;
    this.dup2(ends[1]!, fd);
    this.close(ends[1]!);
    return ends[0];
  }
}
