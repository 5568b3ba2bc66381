import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

const PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** Chromium's program, installed from Debian where it is missing and may be. */
export function chromium(): string {
  const found = () => [process.env.CHROMIUM, ...PLACES].find((path) => path && existsSync(path));
  if (!found() && process.getuid?.() === 0 && existsSync("/usr/bin/apt-get")) {
    console.log("installing chromium ...");
    spawnSync("apt-get", ["update", "-qq"], { stdio: "inherit" });
    spawnSync("apt-get", ["install", "-y", "-qq", "--no-install-recommends", "chromium"], {
      stdio: "inherit",
    });
  }
  const path = found();
  if (!path)
    throw new Error(
      `no Chromium at ${PLACES.join(", ")}: run "sudo apt-get install chromium", or set CHROMIUM to one`,
    );
  return path;
}
