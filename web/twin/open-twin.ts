import * as tf from "@tensorflow/tfjs-core";
import * as z from "zod";
import type { WebTwin } from "../../lib/export/web";
import { Model } from "../../lib/model/model";
import { planModel } from "../../lib/model/plan";
import { Twin } from "../../lib/twin/twin";
import { type BackendName, startBackend } from "./backend";
import { parseSafetensors } from "./weights";

/** A twin in the browser. */
export interface OpenTwin {
  readonly about: WebTwin;
  /** The backend that computes it. */
  readonly backend: BackendName;
  readonly twin: Twin;
}

/**
 * Opens the twin of a folder that `gradbook export --to web` wrote.
 *
 * @param folder the URL of the folder
 * @param backend Default: the first one that the browser runs
 * @throws Error when a file is missing or no backend starts
 */
export async function openTwin(folder: string, backend?: BackendName): Promise<OpenTwin> {
  // The page's policy forbids code from text, from which zod would make faster parsers.
  z.config({ jitless: true });
  const [started, about, file] = await Promise.all([
    startBackend(folder, backend),
    load(folder, "twin.json").then((response) => response.json() as Promise<WebTwin>),
    load(folder, "weights.safetensors").then((response) => response.arrayBuffer()),
  ]);
  const weights = new Map<string, tf.Variable>();
  for (const [name, { shape, values }] of parseSafetensors(file))
    weights.set(name, tf.variable(tf.tensor(values, shape)));
  const plan = planModel(about.model, about.input, about.name);
  const model = new Model(about.model, about.input, plan, weights, about.name);
  return { about, backend: started, twin: new Twin(about.name, model, about.sessions, about.view) };
}

async function load(folder: string, file: string): Promise<Response> {
  const response = await fetch(new URL(file, folder));
  if (!response.ok) throw new Error(`${file} could not be loaded (${response.status}).`);
  return response;
}
