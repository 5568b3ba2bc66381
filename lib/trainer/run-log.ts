import { join } from "node:path";
import { ConfigError } from "../base/config";
import { writeAtomically } from "../base/files/atomic";
import { makeFolder } from "../base/files/folder";
import type { Drawable } from "../protocols/callback";
import type { TrainerEvent } from "../protocols/events";

/** Names that every event has, and names of numbers that the trainer reports in all runs. */
const RESERVED = [
  "event",
  "time",
  "epoch",
  "step",
  "name",
  "path",
  "train_loss",
  "val_loss",
  "penalty",
  "lr",
  "samples_per_s",
  "grad_norm",
];

/** The part of a fit that logging needs. */
interface Logging {
  readonly epoch: number;
  readonly step: number;
  emit(event: TrainerEvent): Promise<void>;
}

/** Logs the numbers and pictures of callbacks. */
export class RunLog {
  private readonly reported = new Set(RESERVED);
  private readonly kinds = new Map<string, "number" | "picture">();
  /** The name of the picture that each folder belongs to. */
  private readonly folders = new Map<string, string>();

  /** @param folder the run's folder */
  constructor(private readonly folder: string) {}

  /**
   * Records the names that an event reports. @throws ConfigError when a callback already logs under one of these names
   */
  note(event: TrainerEvent): void {
    if (event.event === "log" || !("step" in event)) return;
    for (const name of Object.keys(event)) {
      if (this.reported.has(name)) continue;
      if (this.kinds.has(name)) throw clash(name, event.event);
      this.reported.add(name);
    }
  }

  /**
   * Emits a number, or writes a picture into the run's folder and emits its path. @throws ConfigError as
   * `FitContext.log`
   */
  async log(fit: Logging, name: string, value: number | Drawable): Promise<void> {
    const { epoch, step } = fit;
    const kind = kindOf(name, value);
    if (this.reported.has(name)) throw clash(name);
    const before = this.kinds.get(name) ?? kind;
    if (before !== kind) throw problem(name, `is a ${before} already; log the ${kind} by another name`);
    this.kinds.set(name, kind);
    if (typeof value === "number") return fit.emit({ event: "log", epoch, step, [name]: value });
    const path = join(this.folderOf(name), `step-${String(step).padStart(6, "0")}.svg`);
    makeFolder(join(this.folder, this.folderOf(name)));
    writeAtomically(join(this.folder, path), [value.svg()]);
    return fit.emit({ event: "picture", epoch, step, name, path });
  }

  /** Returns the folder of a picture, relative to the run's folder. */
  private folderOf(name: string): string {
    const folder = join("pictures", name.replace(/[^\p{L}\p{N}_-]+/gu, "-"));
    const other = this.folders.get(folder) ?? name;
    if (other !== name)
      throw problem(name, `has the same folder as "${other}" (${folder}); give another name`);
    this.folders.set(folder, name);
    return folder;
  }
}

function kindOf(name: string, value: unknown): "number" | "picture" {
  if (typeof name !== "string" || name.trim() === "")
    throw problem(String(name), 'is not a name; give a text such as "spread"');
  if (typeof value === "number") return "number";
  if (typeof (value as Partial<Drawable> | null)?.svg === "function") return "picture";
  const kind = value === null ? "null" : (Object(value).constructor?.name ?? typeof value);
  const message = `is a ${kind}, but only a number or a Figure can be logged; for a tensor with one value, give \`(await x.data())[0]\``;
  throw problem(name, message);
}

const problem = (name: string, message: string) => new ConfigError("log", [{ path: name, message }]);

const clash = (name: string, event?: string) =>
  problem(
    name,
    `is reported by the run itself${event ? ` in its ${event} events` : ""}; log by another name`,
  );
