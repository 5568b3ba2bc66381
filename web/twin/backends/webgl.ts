import "@tensorflow/tfjs-backend-webgl";
import * as tf from "@tensorflow/tfjs-core";

/** Starts WebGL. */
export const start = (): Promise<boolean> => tf.setBackend("webgl");
