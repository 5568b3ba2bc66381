import { cpSync, existsSync, writeFileSync } from "node:fs";
import { basename, extname, join, resolve } from "node:path";
import { ConfigError } from "../base/config";
import { makeFolder, packageRoot } from "../base/files/folder";
import { receptiveFields } from "../insilico/gradients";
import { observe } from "../insilico/observer";
import { naturalWindows } from "../insilico/windows";
import type { ModelConfig, ModelInput } from "../model";
import { writeSafetensors } from "../trainer/checkpoint/safetensors";
import type { TwinView } from "../twin/stimulus";
import type { Twin, TwinSession } from "../twin/twin";

/** The place of a unit's receptive field on the stimulus, in pixels from 0. */
export interface UnitPosition {
  readonly y: number;
  readonly x: number;
}

/** A twin as its page reads it from `twin.json`; the weights are in `weights.safetensors`. */
export interface WebTwin {
  readonly name: string;
  readonly model: ModelConfig;
  readonly input: ModelInput;
  readonly sessions: readonly TwinSession[];
  readonly view: TwinView;
  /** One for each unit of all sessions. */
  readonly positions: readonly UnitPosition[];
}

/** The files that every page shares: the scripts, the style sheet and the WASM library. */
const siteFolder = () => join(packageRoot(), "dist", "web");

/** The number of natural pictures from which receptive fields are computed. */
const PICTURES = 10;

/**
 * Writes a twin as a folder of static files: a page on which the twin responds to stimuli, computed in the browser. Any file server can
 * serve the folder; nothing is loaded from elsewhere.
 *
 * @returns the paths of what was written
 * @throws ConfigError for a twin that sees several channels or no stimulus, or whose model has stages of a user's module, and when the
 * folder cannot be written
 */
export async function exportWeb(twin: Twin, folder: string): Promise<string[]> {
  const { model, sessions, path } = twin;
  requireOwnStages(twin);
  if (!model.plan.seesStimulus) {
    const message = "reads behaviour but no stimulus, so a page has nothing to show it";
    throw new ConfigError(path, [{ path: "model", message }]);
  }
  const positions = await positionsOf(twin);
  const { transform: _, ...view } = twin.view;
  const about: WebTwin = {
    name: nameOf(path),
    model: model.config,
    input: model.input,
    sessions,
    view,
    positions,
  };
  const site = siteFolder();
  if (!existsSync(join(site, "index.html"))) {
    const message = "holds no page; in a clone of gradbook, `npm run build` makes it";
    throw new ConfigError(site, [{ path: "", message }]);
  }
  makeFolder(folder);
  cpSync(site, folder, { recursive: true });
  writeFileSync(join(folder, "twin.json"), JSON.stringify(about));
  const weights = [...model.parameters, ...model.state].map(({ name, variable }) => {
    return [name, { shape: variable.shape, values: variable.dataSync<"float32">() }] as const;
  });
  writeSafetensors(join(folder, "weights.safetensors"), { tensors: new Map(weights), metadata: {} });
  return [folder];
}

/** Returns the name of a run: that of its folder, also for one of its checkpoints. */
function nameOf(path: string): string {
  const parts = resolve(path).split(/[\\/]/);
  if (extname(path) !== ".safetensors") return basename(path);
  const checkpoints = parts.lastIndexOf("checkpoints");
  return checkpoints > 0 ? parts[checkpoints - 1]! : basename(path, ".safetensors");
}

function requireOwnStages({ model, path }: Twin): void {
  const text = JSON.stringify([model.config, model.input.sessionStages ?? []]);
  const [module] = /[^"]*\.[cm]?[jt]sx?#[^"]*/.exec(text) ?? [];
  if (!module) return;
  const message = `names ${module}, which the page would have to run in the browser; --to web exports models of gradbook's own stages`;
  throw new ConfigError(path, [{ path: "model", message }]);
}

/** Returns the units' positions by their readouts, or else by their gradients. */
async function positionsOf(twin: Twin): Promise<UnitPosition[]> {
  const observer = observe(twin);
  const { height, width, pixelsPerDegree = 1 } = twin.view;
  const places = twin.model.readoutPositions();
  if (places.length > 0) return places.map(({ stimulusY: y, stimulusX: x }) => ({ y, x }));
  const view = { ...twin.view, pixelsPerDegree };
  const { centres } = await receptiveFields({ ...observer, view }, naturalWindows(view, PICTURES));
  return centres.map(({ x, y }) => ({
    y: (height - 1) / 2 - y * pixelsPerDegree,
    x: (width - 1) / 2 + x * pixelsPerDegree,
  }));
}
