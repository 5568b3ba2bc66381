import { readDatasetConfig } from "../data/dataset-config";
import { recordingOf } from "../data/find-recording";
import { responseKind } from "../data/read-session";
import { lossOf } from "../losses/parts";
import type { ExperimentFiles } from "./experiment";
import { readModelFile } from "./model-file";
import { monitorOf, scoresCounts } from "./objective";

/**
 * Returns the metric that ranks checkpoints of an experiment, as `TwinModule.monitor`. Of the recordings it reads only the kind of the
 * responses.
 *
 * @param losses all losses that will be tried. Default: that of the files
 * @throws ConfigError for invalid files, and for a recording that is missing
 */
export async function expectedMonitor(
  { model, sessions, loss, dataDir, dsetDtype = "uint8" }: ExperimentFiles,
  losses?: readonly string[],
): Promise<string> {
  const silent = () => {};
  const config = readModelFile(model, silent);
  const [first] = readDatasetConfig(sessions, dsetDtype, silent);
  const responses = first!.responses ?? (await responseKind(recordingOf(first!, dataDir))) ?? "counts";
  const tried = losses ?? [loss ?? config.loss];
  const ofCounts = tried.every((each) => lossOf(each, { where: model, path: "loss" }).isOfCounts);
  return monitorOf(scoresCounts(responses, ofCounts));
}
