import koffi from "koffi";

/** Where file descriptors 1 and 2 went. */
export interface Redirected {
  /** Read ends. */
  pipes: { stdout?: number; stderr?: number };
  /** The kernel's own log: stderr as Jupyter gave it. */
  log: number;
}

/**
 * Makes file descriptors 1 and 2 pipes, whose other ends the sockets' thread reads: TensorFlow, other native code and child
 * processes that wait in `execSync` write there, past JavaScript.
 */
export function redirectDescriptors(): Redirected {
  const libc = koffi.load(process.platform === "darwin" ? "libSystem.B.dylib" : "libc.so.6");
  const pipe = libc.func("int pipe(_Out_ int *ends)") as (ends: number[]) => number;
  const dup = libc.func("int dup(int fd)") as (fd: number) => number;
  const dup2 = libc.func("int dup2(int from, int to)") as (from: number, to: number) => number;
  const close = libc.func("int close(int fd)") as (fd: number) => number;
  const log = dup(2);
  const redirect = (fd: number): number | undefined => {
    const ends = [0, 0];
    if (pipe(ends) !== 0) return undefined;
    dup2(ends[1]!, fd);
    close(ends[1]!);
    return ends[0];
  };
  return { pipes: { stdout: redirect(1), stderr: redirect(2) }, log };
}
