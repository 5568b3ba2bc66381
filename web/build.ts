import { cpSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { builtinModules, createRequire } from "node:module";
import { join, resolve } from "node:path";
import { type BuildOptions, build, type Plugin } from "esbuild";

const ROOT = resolve(__dirname, "..");
const ENGINE = join(ROOT, "lib", "engine");
const IN_BROWSER = join(ROOT, "web", "engine");
const own = createRequire(__filename);

/** Puts `web/engine` in place of `lib/engine`, which calls TensorFlow's C library. */
const engine: Plugin = {
  name: "engine",
  setup: ({ onResolve }) => {
    onResolve({ filter: /^\.{1,2}\/(.*\/)?engine(\/|$)/ }, ({ path, resolveDir }) => {
      const isEngine = resolve(resolveDir, path).startsWith(ENGINE);
      return isEngine && resolveDir !== IN_BROWSER ? { path: join(IN_BROWSER, "index.ts") } : undefined;
    });
  },
};

/** Replaces modules of Node by empty ones. Code that the page runs does not call them. */
const withoutNode: Plugin = {
  name: "without-node",
  setup: ({ onResolve, onLoad }) => {
    const isBuiltin = (path: string) => path.startsWith("node:") || builtinModules.includes(path);
    onResolve({ filter: /./ }, ({ path }) => (isBuiltin(path) ? { path, namespace: "node" } : undefined));
    onLoad({ filter: /./, namespace: "node" }, () => ({ contents: "module.exports = {}" }));
    // zod contains its messages in all languages.
    onResolve({ filter: /^\.\.\/locales\/index\.js$/ }, ({ resolveDir }) =>
      resolveDir.includes("zod")
        ? { path: join(resolveDir, "../locales/en.js"), sideEffects: false }
        : undefined,
    );
  },
};

/** A fault of tfjs 4.22: WGSL does not index its structures `vec5` and `vec6` by numbers, so `[B, T, H, W, C] + [C]` fails. */
const VEC5 = "`coords[${this.outputShape.length - 1}]`";
const mendWebgpu: Plugin = {
  name: "mend-webgpu",
  setup: ({ onLoad }) => {
    onLoad({ filter: /binary_op_webgpu\.js$/ }, ({ path }) => {
      const text = readFileSync(path, "utf8");
      if (!text.includes(VEC5))
        throw new Error(`${path} no longer contains ${VEC5}: remove this replacement`);
      return { contents: text.replace(VEC5, '`coords.${"xyzwuv"[this.outputShape.length - 1]}`') };
    });
  },
};

/** Writes the files that all exported pages share. */
export async function buildWeb(folder: string): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const options: BuildOptions = {
    absWorkingDir: ROOT,
    outdir: folder,
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    legalComments: "linked",
    plugins: [engine, withoutNode, mendWebgpu],
  };
  const parts = { splitting: true, chunkNames: "parts/[hash]" };
  await build({ ...options, ...parts, entryPoints: ["web/page.ts", "web/twin.ts"] });
  // Notebooks hold the widget as one text.
  await build({ ...options, entryPoints: ["web/widget.ts"] });
  for (const file of ["index.html", "style.css"]) cpSync(join(ROOT, "web", file), join(folder, file));
  const wasm = "tfjs-backend-wasm-simd.wasm";
  const dist = join(own.resolve("@tensorflow/tfjs-backend-wasm/package.json"), "..", "dist");
  cpSync(join(dist, wasm), join(folder, wasm));
}

if (require.main === module) void buildWeb(join(ROOT, "dist", "web"));
