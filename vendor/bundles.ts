import { readFileSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { build, type Plugin } from "esbuild";

/**
 * The contents of `vendor/`, bundled from installed packages. With the files of tfjs a project that installs gradbook needs neither
 * `@tensorflow/tfjs-node-gpu`, whose dependencies have known vulnerabilities, nor the 144 MB of `@tensorflow/tfjs`. `ts-blank-space` is
 * a module of ESM: when Node loads one that imports TypeScript, it searches TypeScript's 9 MB for names, at every start of the kernel.
 */

const root = resolve(__dirname, "..");
const CORE = "@tensorflow/tfjs-core";

export interface Bundle {
  /** The path below `vendor/`. */
  file: string;
  package: string;
  owner: string;
  entry: string;
  changes: string;
  plugin: Plugin;
}

/** Replacements for what the kernels import. Node 23 removed these two functions from its `util`. */
const NODE_SHIMS: Record<string, string> = {
  util: "export const isNullOrUndefined = (value) => value === null || value === undefined; export const isArray = Array.isArray;",
  "./proto/api_pb": "module.exports = undefined;",
};

/** The modules of tfjs-core that hold state or classes: of these the process must have one copy. */
const CORE_SHIMS: Record<string, string> = {
  "base.js": `export * from "${CORE}";`,
  "engine.js": `import { engine } from "${CORE}"; export const ENGINE = engine();`,
  "tensor.js": `import { Tensor } from "${CORE}"; export * from "${CORE}"; export const getGlobalTensorClass = () => Tensor;`,
  "environment.js": `export * from "${CORE}";`,
  "kernel_registry.js": `export * from "${CORE}";`,
  "globals.js": `export * from "${CORE}";`,
  "ops/ops.js": `export * from "${CORE}";`,
  "util.js": `module.exports = require("${CORE}").util;`,
};

/** The vendored files. */
export const BUNDLES: readonly Bundle[] = [
  {
    file: "tfjs/backend.js",
    package: "@tensorflow/tfjs-node-gpu",
    owner: "Google LLC",
    entry: `
      export { createTensorsTypeOpAttr, getTFDType, NodeJSKernelBackend } from "@tensorflow/tfjs-node-gpu/src/nodejs_kernel_backend";
      import "@tensorflow/tfjs-node-gpu/src/register_all_kernels";`,
    changes:
      "imports of @tensorflow/tfjs are imports of @tensorflow/tfjs-core, util.isNullOrUndefined and util.isArray are defined here, " +
      "TensorBoard's protocol buffers are left out.",
    plugin: {
      name: "node-kernels",
      setup(build) {
        build.onResolve({ filter: /^@tensorflow\/tfjs(-core)?$/ }, () => ({ path: CORE, external: true }));
        build.onResolve({ filter: /^util$|api_pb$/ }, ({ path }) => ({ path, namespace: "shim" }));
        build.onLoad({ filter: /.*/, namespace: "shim" }, ({ path }) => ({ contents: NODE_SHIMS[path]! }));
      },
    },
  },
  {
    file: "tfjs/registrations.js",
    package: CORE,
    owner: "Google LLC",
    entry: `
      import "${CORE}/dist/register_all_gradients.js";
      import "${CORE}/dist/public/chained_ops/register_all_chained_ops.js";`,
    changes:
      "modules with state or classes (engine, tensor, environment, kernel registry) are imports of @tensorflow/tfjs-core.",
    plugin: {
      name: "core-registrations",
      setup(build) {
        const dist = dirname(require.resolve(CORE));
        build.onResolve({ filter: /^@tensorflow\/tfjs-core$/ }, () => ({ path: CORE, external: true }));
        build.onResolve({ filter: /^\./ }, ({ path, resolveDir }) => {
          const inside = relative(dist, `${join(resolveDir, path)}.js`)
            .split(sep)
            .join("/");
          return inside in CORE_SHIMS ? { path: inside, namespace: "shim" } : undefined;
        });
        build.onLoad({ filter: /.*/, namespace: "shim" }, ({ path }) => ({
          contents: CORE_SHIMS[path]!,
          resolveDir: dist,
        }));
      },
    },
  },
  {
    file: "ts-blank-space/index.js",
    package: "ts-blank-space",
    owner: "Bloomberg Finance L.P.",
    entry: `export { blankSourceFile } from "ts-blank-space";`,
    changes: "CommonJS in place of ESM.",
    plugin: {
      name: "typescript-outside",
      setup(build) {
        build.onResolve({ filter: /^typescript$/ }, ({ path }) => ({ path, external: true }));
        // An import would copy TypeScript's 2,400 exports.
        build.onLoad({ filter: /ts-blank-space[\\/]out[\\/]index\.js$/ }, ({ path }) => ({
          contents: readFileSync(path, "utf8").replace(
            /^import tslib from (.*);$/m,
            "const tslib = require($1);",
          ),
        }));
      },
    },
  },
];

/** Returns the text of a vendored file, made from what is installed. */
export async function textOf({ package: name, owner, entry, changes, plugin }: Bundle): Promise<string> {
  const { version } = JSON.parse(readFileSync(join(root, "node_modules", name, "package.json"), "utf8"));
  const { outputFiles } = await build({
    stdin: { contents: entry, resolveDir: root },
    absWorkingDir: root,
    bundle: true,
    write: false,
    format: "cjs",
    platform: "node",
    target: "es2022",
    legalComments: "none",
    plugins: [plugin],
    banner: {
      js: [
        `// From ${name} ${version}. Copyright ${owner}, licensed under the Apache License 2.0 (see LICENSE).`,
        `// Bundled by vendor/bundles.ts; changes: ${changes}`,
      ].join("\n"),
    },
  });
  return outputFiles![0]!.text;
}
