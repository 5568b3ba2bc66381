import * as tf from "@tensorflow/tfjs-core";

/** The names of the backends in the order in which they are tried. */
export const BACKENDS = ["webgpu", "wasm", "webgl"] as const;
/** The name of a backend. */
export type BackendName = (typeof BACKENDS)[number];

const MODULES: Record<BackendName, () => Promise<{ start(folder: string): Promise<boolean> }>> = {
  webgpu: () => import("./backends/webgpu"),
  wasm: () => import("./backends/wasm"),
  webgl: () => import("./backends/webgl"),
};

/**
 * Starts a backend of tfjs. Only the code of those that are tried is loaded.
 *
 * @param folder the URL of the folder with the page's files
 * @param wanted the backend. Default: the first one that starts
 * @returns the one that runs
 * @throws Error with the reasons when none starts
 */
export async function startBackend(folder: string, wanted?: BackendName): Promise<BackendName> {
  tf.enableProdMode();
  const reasons: string[] = [];
  for (const name of wanted ? [wanted] : BACKENDS) {
    try {
      const { start } = await MODULES[name]();
      if (await start(folder)) {
        await tf.ready();
        return name;
      }
      reasons.push(`${name}: not available`);
    } catch (error) {
      reasons.push(`${name}: ${(error as Error).message}`);
    }
  }
  throw new Error(`This browser runs none of the backends (${reasons.join("; ")}).`);
}
