import { existsSync } from "node:fs";
import { join } from "node:path";
import { ConfigError } from "../base/config";
import { isFolder } from "../base/files/folder";
import { isFramewise, readMovie } from "../data/read-movie";
import { lagsOf } from "../data/session-lags";
import type { SessionConfig } from "../data/session-schema";
import type { Model } from "../model";
import { loadCheckpoint, readState } from "../trainer/checkpoint/checkpoint";
import { LAST } from "../trainer/checkpoint/resume";
import { bestCheckpoint, scanCheckpoints } from "../trainer/checkpoint/scan";
import { variablesOf } from "../trainer/run";
import { modelOf, type RecordedTwin, recordedTwin, type TrustOptions } from "./recorded-twin";
import type { Movie, MovieParts, TwinView } from "./stimulus";
import { Twin } from "./twin";

/** The options of `loadTwin`. */
export interface LoadTwinOptions extends TrustOptions {
  /** The stimulus' pixels per degree. Default: as the run recorded it. */
  pixelsPerDegree?: number;
}

/**
 * Loads a twin from a run's folder (its best checkpoint, or else the last one) or from one checkpoint. No recording is needed: the
 * checkpoint holds the model, the sessions' names and units, the clock and the size of a pixel.
 *
 * @example
 * const twin = await loadTwin("runs/first");
 *
 * @throws ConfigError when there is no checkpoint, it is damaged, it is not that of a twin, or it names modules that are not trusted
 */
export async function loadTwin(path: string, options: LoadTwinOptions = {}): Promise<Twin> {
  const checkpoint = checkpointOf(path);
  const { config } = readState(checkpoint);
  const recorded = recordedTwin(config, checkpoint, options);
  if (!recorded) {
    const message = `is not the checkpoint of a twin: ${reasonOf(config)}`;
    throw new ConfigError(checkpoint, [{ path: "config", message }]);
  }
  const model = modelOf(recorded, checkpoint);
  try {
    loadCheckpoint(checkpoint, variablesOf(model));
  } catch (error) {
    model.dispose();
    throw error;
  }
  const { pixelsPerDegree } = options;
  return twinOf(recorded, model, checkpoint, pixelsPerDegree === undefined ? {} : { pixelsPerDegree });
}

/** Returns why a configuration is not that of a twin. */
function reasonOf(config: unknown): string {
  return typeof config === "object" && config !== null && "model" in config
    ? "it holds a model without its sessions, as gradbook import-torch writes it; continue its training on the sessions (gradbook train --ckpt_path), and load the run"
    : "it holds no model; gradbook import-torch converts a checkpoint of PyTorch";
}

/**
 * Makes a twin of a recorded model that has its weights.
 *
 * @param path the path of the weights @param more replaces parts of the recorded view, and says whether the model is shared
 */
export function twinOf(
  recorded: RecordedTwin,
  model: Model,
  path: string,
  { sharesModel = false, ...view }: Partial<TwinView> & { sharesModel?: boolean } = {},
): Twin {
  const { sessions } = recorded;
  const names = sessions.map(({ session, cids }) => ({ name: session, cids }));
  const behaviorLags = lagsOf(sessions[0]!, "behavior");
  return new Twin(path, model, names, { ...viewOf(recorded), ...view }, { behaviorLags, sharesModel });
}

/**
 * Returns the best checkpoint of a run's folder, or else the last one; the path of a checkpoint itself.
 *
 * @throws ConfigError for a folder without a checkpoint
 */
export function checkpointOf(folder: string): string {
  if (!isFolder(folder)) return folder;
  if (scanCheckpoints(folder).length > 0) return bestCheckpoint(folder).path;
  const last = [join(folder, "checkpoints", LAST), join(folder, LAST)].find(existsSync);
  if (last) return last;
  const message = "holds no checkpoint; give a run's folder or a .safetensors file";
  throw new ConfigError(folder, [{ path: "", message }]);
}

function viewOf({ model, input, sessions, recordings, dset_dtype }: RecordedTwin): TwinView {
  const { height, width, channels } = input;
  const { sampling_rate: modelRate } = model as { sampling_rate?: number };
  const { sampling_rate = modelRate ?? 120, pixels_per_degree } = recordings?.[0] ?? {};
  return {
    height,
    width,
    channels,
    lags: lagsOf(sessions[0]!, "stim"),
    samplingRate: sampling_rate,
    pixelsPerDegree: pixels_per_degree,
    ...(dset_dtype === "uint8"
      ? {}
      : { transform: (movie) => transformed(movie, sessions[0]! as SessionConfig, channels) }),
  };
}

/** Applies the transforms of a session's movie to a movie of bytes: in parts if they process frames independently. */
function transformed(
  { shape, read }: MovieParts,
  config: SessionConfig,
  channels: number,
): Movie | MovieParts {
  const [frames, height, width, given = 1] = shape as [number, number, number, number?];
  const part = (from: number, to: number) => {
    const values = new Float32Array((to - from) * height * width * channels);
    const own = (a: number, b: number) => read(from + a, from + b);
    const source = { frames: to - from, height, width, channels: given, dtype: "uint8", read: own } as const;
    readMovie(source, { config, dtype: "float32", factor: 1, values }, 0);
    return values;
  };
  const result = [frames, height, width, ...(channels > 1 ? [channels] : [])];
  return isFramewise(config) ? { shape: result, read: part } : { shape: result, values: part(0, frames) };
}
