import { readFileSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { Script } from "node:vm";
import type { CompiledModule } from "../language";
import { importMeta } from "./meta";
import { type Namespace, nodeImport } from "./node-import";
import type { Stacks } from "./stacks";

/** What the loader asks of TypeScript. */
export interface Compiler {
  /** The file of the user's that `specifier` in the file `from` means; undefined for what Node loads. */
  resolveModule(specifier: string, from: string): Promise<string | undefined>;
  compileModule(file: string): Promise<CompiledModule>;
}

interface Loaded {
  namespace: Namespace;
  /** Of the file as it was read. */
  stamp: string;
  /** The user's files that it imports. */
  imports: Map<string, Loaded>;
  /** Setters of those that import it, called when an export changes. */
  importers: Set<(namespace: Namespace) => void>;
  execute: () => unknown;
  executed?: Promise<void>;
  /** It ran to its end, so its exports are there. */
  ran?: boolean;
}

type Register = (
  imports: string[],
  declare: (
    exported: unknown,
    context: object,
  ) => { setters: ((namespace: Namespace) => void)[]; execute: () => unknown },
) => void;

/**
 * Loads the user's TypeScript: a module is one instance however it is reached, and is loaded anew when it, or a file that it
 * imports, was edited. Packages and JavaScript are Node's, so a module shares the library with cells.
 */
export class Loader {
  private readonly modules = new Map<string, Loaded>();

  constructor(
    private readonly compiler: Compiler,
    private readonly stacks: Stacks,
  ) {}

  async import(specifier: string, from: string): Promise<Namespace> {
    const file = await this.compiler.resolveModule(specifier, from);
    if (!file) return nodeImport(specifier, dirname(from));
    this.forgetEdited();
    const loaded = await this.load(file);
    await execute(loaded, new Set());
    return loaded.namespace;
  }

  /** A module that is loaded already, as it now stands in its file. */
  loaded(file: string): Namespace | undefined {
    this.forgetEdited();
    const known = this.modules.get(file);
    return known?.ran ? known.namespace : undefined;
  }

  /** Drops modules whose file was edited, and those that import them. */
  private forgetEdited(): void {
    const edited = new Set<Loaded>();
    for (const [file, loaded] of this.modules) if (stamp(file) !== loaded.stamp) edited.add(loaded);
    for (let before = -1; before !== edited.size; ) {
      before = edited.size;
      for (const loaded of this.modules.values())
        if ([...loaded.imports.values()].some((one) => edited.has(one))) edited.add(loaded);
    }
    for (const [file, loaded] of this.modules) if (edited.has(loaded)) this.modules.delete(file);
  }

  private async load(file: string): Promise<Loaded> {
    const known = this.modules.get(file);
    if (known) return known;
    const loaded: Loaded = {
      namespace: Object.create(null) as Namespace,
      stamp: stamp(file),
      imports: new Map(),
      importers: new Set(),
      execute: () => {},
    };
    this.modules.set(file, loaded);
    try {
      if (file.endsWith(".json")) readJson(file, loaded.namespace);
      else await this.link(file, loaded);
    } catch (error) {
      this.modules.delete(file);
      throw error;
    }
    return loaded;
  }

  private async link(file: string, loaded: Loaded): Promise<void> {
    const compiled = await this.compiler.compileModule(file);
    this.stacks.add(file, compiled);
    const script = new Script(`(System) => {${compiled.code}\n}`, { filename: file });
    let imports: string[] = [];
    let declare: Parameters<Register>[1] | undefined;
    const register: Register = (names, body) => {
      imports = names;
      declare = body;
    };
    script.runInThisContext()({ register });
    const exported = (name: string | Namespace, value?: unknown) => {
      if (typeof name === "string") loaded.namespace[name] = value;
      else Object.assign(loaded.namespace, name);
      for (const set of loaded.importers) set(loaded.namespace);
      return value;
    };
    const context = { meta: importMeta(file), import: (specifier: string) => this.import(specifier, file) };
    const { setters, execute } = declare!(exported, context);
    loaded.execute = execute;
    // One after another: the order of a module's imports is the order in which they run.
    for (const [i, specifier] of imports.entries()) {
      const target = await this.compiler.resolveModule(specifier, file);
      if (target) {
        const imported = await this.load(target);
        loaded.imports.set(target, imported);
        imported.importers.add(setters[i]!);
        setters[i]!(imported.namespace);
      } else setters[i]!(await nodeImport(specifier, dirname(file)));
    }
  }
}

/** Runs a module after those that it imports, once; modules in a circle do not wait for each other. */
function execute(loaded: Loaded, circle: Set<Loaded>): Promise<void> {
  if (circle.has(loaded)) return Promise.resolve();
  loaded.executed ??= (async () => {
    circle.add(loaded);
    for (const imported of loaded.imports.values()) await execute(imported, circle);
    await loaded.execute();
    loaded.ran = true;
  })();
  return loaded.executed;
}

function stamp(file: string): string {
  const found = statSync(file, { throwIfNoEntry: false });
  return found ? `${found.mtimeMs} ${found.size}` : "gone";
}

function readJson(file: string, namespace: Namespace): void {
  try {
    const value = JSON.parse(readFileSync(file, "utf8")) as unknown;
    if (typeof value === "object" && !Array.isArray(value)) Object.assign(namespace, value);
    namespace.default = value;
  } catch (error) {
    throw new SyntaxError(`${file}: ${(error as Error).message}`);
  }
}
