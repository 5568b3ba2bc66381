import { spawnSync } from "node:child_process";
import { join, resolve } from "node:path";
import { buildSync } from "esbuild";

/**
 * Runs tfjs-core's own tests, as its package ships them, on our engine: `npm run test:tfjs [-- part of a test's name]`.
 * They are written for bundlers (imports without file endings), so they are bundled and run in a separate process.
 */

// Inside node_modules, where koffi can be resolved and git ignores the files.
const bundle = join("node_modules", ".cache", "gradbook", "tfjs-tests.cjs");

buildSync({
  entryPoints: [join(__dirname, "suite.ts")],
  outfile: bundle,
  bundle: true,
  platform: "node",
  target: "node20",
  // The package declares its test files free of side effects, and esbuild would drop every one of them.
  ignoreAnnotations: true,
  external: ["koffi", "jasmine-core"],
  sourcemap: true,
  logLevel: "error",
});
const { status, signal } = spawnSync(
  process.execPath,
  ["--enable-source-maps", resolve(bundle), ...process.argv.slice(2)],
  { stdio: "inherit" },
);
if (signal) console.error(`The tests were ended by ${signal}.`);
process.exitCode = status ?? 1;
