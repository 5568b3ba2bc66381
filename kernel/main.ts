import { readFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../lib/base/files/folder";
import { startKernel } from "./kernel";
import type { Connection } from "./protocol/message";

/** `node main.js CONNECTION_FILE`, as kernel.json says. */
const file = process.argv[2];
if (!file) {
  process.stderr.write(
    "usage: node main.js CONNECTION_FILE (Jupyter starts it: see `npx gradbook install`)\n",
  );
  process.exit(2);
}
const connection = JSON.parse(readFileSync(file, "utf8")) as Connection;
const { version } = JSON.parse(readFileSync(join(packageRoot(), "package.json"), "utf8")) as {
  version: string;
};
startKernel({ connection, folder: process.cwd(), version });
