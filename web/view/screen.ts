import type { TwinView } from "../../lib/twin/stimulus";
import { gratingWindow, type ShownGrating } from "./grating";

/** The stimulus over time, as the twin sees it. */
export class Screen {
  /** The cycles by which the grating has drifted. */
  private cycles = 0;
  /** The last frames that were shown, newest last: `[longest lag + 1]` frames of contrast. */
  private readonly shown: Float32Array[];
  /** The share of a bin that has passed since the last frame. */
  private passed = 0;

  constructor(private readonly view: TwinView) {
    const grey = new Float32Array(view.height * view.width);
    this.shown = Array.from({ length: Math.max(...view.lags) + 1 }, () => grey);
  }

  /** Shows a frame for some time. */
  advance(seconds: number, frame: Float32Array): void {
    this.passed += seconds * this.view.samplingRate;
    for (let bins = Math.min(this.shown.length, Math.floor(this.passed)); bins > 0; bins--) {
      this.shown.shift();
      this.shown.push(frame);
    }
    this.passed %= 1;
  }

  /** Returns the frames that the twin sees now, `[lags, height, width]`. */
  window(): Float32Array {
    const { height, width, lags } = this.view;
    const window = new Float32Array(lags.length * height * width);
    for (const [l, lag] of lags.entries()) window.set(this.shown.at(-1 - lag)!, l * height * width);
    return window;
  }

  /** Lets a grating drift for some time, and returns the frames that the twin sees then, `[lags, height, width]`. */
  drift(seconds: number, grating: ShownGrating): Float32Array {
    this.cycles += seconds * grating.temporalFrequency;
    return gratingWindow(grating, this.view, this.cycles);
  }
}
