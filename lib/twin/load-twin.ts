import { existsSync } from "node:fs";
import { join } from "node:path";
import { ConfigError } from "../base/config";
import { isFolder } from "../base/files/folder";
import { lagsOf } from "../data/session-lags";
import { loadCheckpoint, readState } from "../trainer/checkpoint/checkpoint";
import { LAST } from "../trainer/checkpoint/resume";
import { bestCheckpoint, scanCheckpoints } from "../trainer/checkpoint/scan";
import { variablesOf } from "../trainer/run";
import { modelOf, type RecordedTwin, recordedTwin, type TrustOptions } from "./recorded-twin";
import type { TwinView } from "./stimulus";
import { Twin } from "./twin";

/**
 * Loads a twin from a run's folder (its best checkpoint, or else the last one) or from one checkpoint. No recording is needed: the
 * checkpoint holds the model, the sessions' names and units, the clock and the size of a pixel.
 *
 * @example
 * const twin = await loadTwin("runs/first");
 *
 * @throws ConfigError when there is no checkpoint, it is damaged, it is not that of a twin, or it names modules that are not trusted
 */
export async function loadTwin(path: string, options: TrustOptions = {}): Promise<Twin> {
  const checkpoint = isFolder(path) ? checkpointOf(path) : path;
  const recorded = recordedTwin(readState(checkpoint).config, checkpoint, options);
  if (!recorded) {
    const message = "is not the checkpoint of a twin: it holds no model with its sessions; gradbook import-torch converts a checkpoint of PyTorch"; // biome-ignore format: one line
    throw new ConfigError(checkpoint, [{ path: "config", message }]);
  }
  const model = modelOf(recorded, checkpoint);
  try {
    loadCheckpoint(checkpoint, variablesOf(model));
  } catch (error) {
    model.dispose();
    throw error;
  }
  const { sessions } = recorded;
  const names = sessions.map(({ session, cids }) => ({ name: session, cids }));
  return new Twin(checkpoint, model, names, viewOf(recorded), lagsOf(sessions[0]!, "behavior"));
}

/** Returns the best checkpoint of a run, or else the last one. */
function checkpointOf(folder: string): string {
  if (scanCheckpoints(folder).length > 0) return bestCheckpoint(folder).path;
  const last = [join(folder, "checkpoints", LAST), join(folder, LAST)].find(existsSync);
  if (last) return last;
  const message = "holds no checkpoint; give a run's folder or a .safetensors file";
  throw new ConfigError(folder, [{ path: "", message }]);
}

function viewOf({ model, input, sessions, recordings }: RecordedTwin): TwinView {
  const { height, width } = input;
  const { sampling_rate, initial_input_channels } = model as {
    sampling_rate?: number;
    initial_input_channels?: number;
  };
  return {
    height,
    width,
    channels: initial_input_channels ?? 1,
    lags: lagsOf(sessions[0]!, "stim"),
    samplingRate: recordings?.[0]?.sampling_rate ?? sampling_rate ?? 120,
    pixelsPerDegree: recordings?.[0]?.pixels_per_degree,
  };
}
