import { createRequire } from "node:module";

/**
 * Importing this module registers tfjs-core's gradients and its tensors' methods (`x.add(y)`), which tfjs-core's main file leaves
 * out. `@tensorflow/tfjs`, an optional peer dependency, registers them when it is loaded. Where it is installed it is loaded here,
 * because a later import of it in the user's code would put its gradients over the engine's.
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
