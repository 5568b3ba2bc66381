import { execFileSync } from "node:child_process";

/** Writes the site of the guides and the API reference into a folder, as `npm run docs` does. */
export function buildSite(folder: string): void {
  const args = ["node_modules/typedoc/bin/typedoc", "--out", folder, "--logLevel", "Warn"];
  execFileSync(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
}
