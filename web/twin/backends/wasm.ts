import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";
import { registerWasmKernels } from "./wasm-kernels";

/**
 * Starts WebAssembly with SIMD. A page without cross-origin isolation has no threads, so the folder holds the library for one thread only.
 *
 * @param folder the URL of the folder with the library
 */
export async function start(folder: string): Promise<boolean> {
  tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
  setWasmPaths(folder);
  registerWasmKernels();
  return tf.setBackend("wasm");
}
