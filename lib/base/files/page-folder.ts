import { existsSync } from "node:fs";
import { join } from "node:path";
import { ConfigError } from "../config";
import { packageRoot } from "./package";

/**
 * Returns the folder with the page of a twin: scripts, style sheet and libraries, which `npm run build` bundles from `web/`.
 *
 * @throws ConfigError in a clone in which the page has not been built
 */
export function pageFolder(): string {
  const folder = join(packageRoot(), "dist", "web");
  if (existsSync(join(folder, "index.html"))) return folder;
  const message = "holds no page; in a clone of gradbook, `npm run build` makes it";
  throw new ConfigError(folder, [{ path: "", message }]);
}
