import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";

/** The gradient of `gather`, for which tfjs's WASM backend has no kernel. */
tf.registerKernel({
  kernelName: tf.UnsortedSegmentSum,
  backendName: "wasm",
  kernelFunc: ({ inputs, attrs }) => {
    const { x, segmentIds } = inputs as { x: tf.Tensor; segmentIds: tf.Tensor1D };
    const shape = [attrs!.numSegments as number, ...x.shape.slice(1)];
    return tf.scatterND(tf.expandDims(segmentIds, 1), x, shape);
  },
});

/**
 * Starts WebAssembly with SIMD. A page without cross-origin isolation has no threads, so the folder holds the library for one thread only.
 *
 * @param folder the URL of the folder with the library
 */
export async function start(folder: string): Promise<boolean> {
  tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
  setWasmPaths(folder);
  return tf.setBackend("wasm");
}
