import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { loadSessions, type PreparedSession } from "../../lib/data";
import { readArrays } from "../../lib/data/convert/arrays";
import { behaviorsOf } from "../../lib/data/serving/multi-dataset";
import { ResidentData } from "../../lib/data/serving/resident";
import { tf } from "../../lib/engine";
import { buildModel, type ModelConfig, parseModelConfig } from "../../lib/model";
import { loadCheckpoint } from "../../lib/trainer/checkpoint/checkpoint";
import { importTorch } from "../../lib/twin/import-torch";
import { Predictor } from "../../lib/twin/predictor";
import { newFolder } from "../new-folder";
import { labCheckpoint, labFile, labModels, labParent, labSessions, largestDifference } from "./lab";

/** The kinds of predictions: the order of frames, the adapter's blur, and the largest difference that is allowed. */
const KINDS = [
  ["odd_blur", "newest_first", "odd", 1e-6],
  ["odd_blur_oldest_first", "oldest_first", "odd", 1e-6],
  ["as_is", "newest_first", "even", 1e-5],
] as const;

const sessions = new Map<string, Promise<PreparedSession[]>>();
function sessionsOf(parent: string): Promise<PreparedSession[]> {
  const known = sessions.get(parent);
  if (known) return known;
  const loaded = loadSessions(labFile("configs", parent), { dataDir: labSessions() });
  sessions.set(parent, loaded);
  return loaded;
}

function withBlur(config: ModelConfig, blur: "odd" | "even"): ModelConfig {
  if (config.adapter.type === "none") return config;
  return { ...config, adapter: { ...config.adapter, params: { ...config.adapter.params, blur } } };
}

describe.each(labModels("*.ckpt", "predictions.npz"))("the checkpoint of %s", (name) => {
  test.each(KINDS)("gives the rates of %s", async (key, lagOrder, blur, tolerance) => {
    const out = join(newFolder(), "ours.safetensors");
    const report = importTorch({ weights: labCheckpoint(name), out, lagOrder });
    expect(report).toMatchObject({ missing: [], leftOver: [], missingParts: [] });
    const history = report.config.model_type === "v1multi_history";
    const prepared = await sessionsOf(labParent(name));
    expect(report.sessions).toEqual(prepared.map((session) => session.name));
    const [first] = prepared as [PreparedSession];
    const { height, width, lags } = first;
    const units = prepared.map(({ cids }) => cids.length);
    const input = { lags: lags.length, height, width, units, behaviors: behaviorsOf(first) };
    const model = buildModel(parseModelConfig(withBlur(report.config, blur), name), input, 0, name);
    const variables = new Map([...model.parameters, ...model.state].map((p) => [p.name, p.variable]));
    loadCheckpoint(out, variables);
    const data = new ResidentData(prepared, {
      stim: model.plan.seesStimulus,
      historyLags: history ? [5, 4, 3, 2, 1] : [],
    });
    const predictor = new Predictor(model, prepared, data);
    const wanted = readArrays(labFile("expected", name, "predictions.npz"));
    for (const [i, session] of prepared.entries()) {
      const { values: where } = wanted.get(`${session.name}/where`)!;
      const frames = Array.from(
        { length: where.length / 2 },
        (_, k) => session.parts[where[2 * k]!]!.first + where[2 * k + 1]!,
      );
      const rates = await predictor.predict(i, frames);
      const { values } = wanted.get(`${session.name}/${key}`)!;
      expect(largestDifference(rates, values)).toBeLessThanOrEqual(tolerance);
    }
    predictor.dispose();
    data.dispose();
    model.dispose();
    expect(tf.memory().numTensors).toBeLessThan(100);
  });
});
