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

/** The start of the page's backend, once one was asked for. */
let running: Promise<BackendName> | undefined;

/**
 * Starts the backend of the page, which all twins on it share: tfjs has one backend, and a second start would end the first. Only the code
 * of those that are tried is loaded.
 *
 * @param folder the URL of the folder with the page's files
 * @param wanted the backend. Default: the one that runs, else the first one that starts
 * @returns the one that runs
 * @throws Error with the reasons when none starts, and when the page runs another one than the wanted
 */
export async function startBackend(folder: string, wanted?: BackendName): Promise<BackendName> {
  running ??= firstThatStarts(folder, wanted ? [wanted] : BACKENDS).catch((error: unknown) => {
    running = undefined;
    throw error;
  });
  const name = await running;
  if (wanted && wanted !== name)
    throw new Error(
      `This page already computes on ${name}, so it cannot start ${wanted}. Leave the backend out, or open another page.`,
    );
  return name;
}

async function firstThatStarts(folder: string, names: readonly BackendName[]): Promise<BackendName> {
  tf.enableProdMode();
  const reasons: string[] = [];
  for (const name of names) {
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
