import * as tf from "@tensorflow/tfjs-core";
import { mostExcitingInputs } from "../../lib/insilico/exciting-inputs";
import { type Observer, observe, some } from "../../lib/insilico/observer";
import type { GrowingInput, TwinSource } from "../view/twin-source";
import type { BackendName } from "./backend";
import type { OpenTwin } from "./open-twin";

const WORDS: Readonly<Record<BackendName, string>> = {
  webgpu: "WebGPU",
  wasm: "WebAssembly",
  webgl: "WebGL",
};

/** The number of steps of gradient ascent, and the largest root mean square contrast of the movie. */
const STEPS = 100;
const RMS = 0.3;

/** A twin that the page itself computes. */
export class PageSource implements TwinSource {
  readonly facts;
  readonly place: string;
  private readonly observers: readonly Observer[];

  constructor({ about, backend, twin }: OpenTwin) {
    this.facts = about;
    this.place = WORDS[backend];
    this.observers = about.sessions.map((_, session) => observe(twin, { session }));
  }

  async rates(session: number, windows: Float32Array): Promise<Float32Array> {
    const { lags, height, width } = this.facts.view;
    const count = windows.length / (lags.length * height * width);
    const rates = tf.tidy(() =>
      this.observers[session]!.rates(tf.tensor4d(windows, [count, lags.length, height, width])),
    );
    const values = await rates.data<"float32">();
    rates.dispose();
    return values;
  }

  async grow(session: number, unit: number, onStep: (found: GrowingInput) => void): Promise<void> {
    await mostExcitingInputs(some(this.observers[session]!, [unit]), {
      seeds: 1,
      steps: STEPS,
      rms: RMS,
      onStep: async (step, input) => {
        onStep({ input, step, steps: STEPS });
        // Lets the page draw and react.
        await new Promise((resolve) => setTimeout(resolve));
      },
    });
  }
}
