import { createRequire } from "node:module";

/**
 * Importing this module registers tfjs-core's gradients and its tensors' methods (`x.add(y)`), which tfjs-core's main file does not
 * include. `@tensorflow/tfjs`, an optional peer dependency, registers them when it is loaded. If it is installed, this module loads it,
 * because a later import in the user's code would replace the engine's gradients with its own.
 */
const own = createRequire(__filename);

function isInstalled(name: string): boolean {
  try {
    own.resolve(name);
    return true;
  } catch {
    return false;
  }
}

own(isInstalled("@tensorflow/tfjs") ? "@tensorflow/tfjs" : "#tfjs/registrations");
