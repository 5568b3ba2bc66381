import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { type Browser, type Page, chromium as playwright } from "playwright-core";

const PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** Chromium's program, installed from Debian where it is missing and may be. */
function chromium(): string {
  const found = () => [process.env.CHROMIUM, ...PLACES].find((path) => path && existsSync(path));
  if (!found() && process.getuid?.() === 0 && existsSync("/usr/bin/apt-get")) {
    console.log("installing chromium ...");
    spawnSync("apt-get", ["update", "-qq"], { stdio: "inherit", timeout: 60_000 });
    spawnSync("apt-get", ["install", "-y", "-qq", "--no-install-recommends", "chromium"], {
      stdio: "inherit",
      timeout: 180_000,
    });
  }
  const path = found();
  if (!path)
    throw new Error(
      `no Chromium at ${PLACES.join(", ")}: run "sudo apt-get install chromium", or set CHROMIUM to one`,
    );
  return path;
}

/** Starts Chromium without a window. The caller closes it. */
export const startBrowser = async (flags: readonly string[] = []): Promise<Browser> =>
  playwright.launch({ executablePath: chromium(), args: ["--no-sandbox", ...flags], timeout: 60_000 });

/** Returns a list to which the errors of a page are added: uncaught ones, and those on its console. */
export function problemsOf(page: Page): string[] {
  const problems: string[] = [];
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") problems.push(message.text());
  });
  return problems;
}
