import { existsSync } from "node:fs";
import { join } from "node:path";

/** The requirements of TensorFlow's C library on one kind of machine. */
export interface Platform {
  /** The PyPI wheel that carries the library. */
  wheel: "tensorflow-cpu" | "tensorflow" | "tensorflow[and-cuda]";
  /** File names inside the wheel's `tensorflow` folder, in loading order. */
  libraries: readonly [framework: string, cc: string];
  /** The C library that has `dlopen` and `memcpy`. */
  libc: string;
  /** `dlopen` flags: RTLD_NOW | RTLD_GLOBAL | RTLD_NODELETE. */
  dlopenFlags: number;
}

const LINUX = {
  libraries: ["libtensorflow_framework.so.2", "libtensorflow_cc.so.2"],
  libc: "libc.so.6",
  dlopenFlags: 0x2 | 0x100 | 0x1000,
} as const;

const PLATFORMS: Record<string, Platform> = {
  "linux-x64": { ...LINUX, wheel: "tensorflow-cpu" },
  "linux-arm64": { ...LINUX, wheel: "tensorflow" },
  "darwin-arm64": {
    wheel: "tensorflow",
    libraries: ["libtensorflow_framework.2.dylib", "libtensorflow_cc.2.dylib"],
    libc: "libSystem.B.dylib",
    dlopenFlags: 0x2 | 0x8 | 0x80,
  },
};

/**
 * Returns the entry for a machine.
 *
 * @param name defaults to this process's platform and architecture
 * @throws Error that lists what is supported
 */
export function platform(name = `${process.platform}-${process.arch}`): Platform {
  const found = PLATFORMS[name];
  if (!found) {
    const supported = Object.keys(PLATFORMS).join(", ");
    throw new Error(`TensorFlow has no build for ${name}. Supported: ${supported} (on Windows, use WSL).`);
  }
  return found;
}

/** Whether a folder holds the libraries of TensorFlow for this machine. */
export function holdsTensorFlow(folder: string): boolean {
  return platform().libraries.every((file) => existsSync(join(folder, file)));
}
