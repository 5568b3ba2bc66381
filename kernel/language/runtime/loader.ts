import { readFileSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { pathToFileURL } from "node:url";
import { Script } from "node:vm";
import { define } from "../globals";
import { type CompiledModule, WHOLE } from "../language";
import { importMeta, type Namespace, nodeModule } from "./node-module";
import { mapComment, type Stacks } from "./stacks";
import { later, now, type Step, type Steps, take } from "./steps";

/** The services of TypeScript that the loader needs. */
export interface Compiler {
  /** Returns the user's file that `specifier` refers to in the file `from`; undefined for what Node loads. */
  resolveModule(specifier: string, from: string): Step<string | undefined>;
  compileModule(file: string): Step<CompiledModule>;
}

interface Loaded {
  file: string;
  namespace: Namespace;
  /** The stamp of the file when it was read. */
  stamp: string;
  /** The user's files that it imports. */
  imports: Map<string, Loaded>;
  /** Setters of those that import it, called when an export changes. */
  importers: Set<(namespace: Namespace) => void>;
  execute: () => unknown;
  executed?: Promise<void>;
}

type Register = (
  imports: string[],
  declare: (
    exported: unknown,
    context: object,
  ) => { setters: ((namespace: Namespace) => void)[]; execute: () => unknown },
) => void;

/**
 * Loads the user's TypeScript. A module has one instance, however it is imported. It is loaded again when it or a file
 * that it imports was edited, or when it failed. Node loads packages and JavaScript, so that a module shares the
 * library with cells.
 */
export class Loader {
  private readonly modules = new Map<string, Loaded>();
  /** Graphs of modules are linked one after another, so that no other import sees a partially linked graph. */
  private linked: Promise<unknown> = Promise.resolve();
  private linking = 0;

  constructor(
    private readonly compiler: Compiler,
    private readonly stacks: Stacks,
    /** Called when an export of a module changes. */
    private readonly changed: (namespace: Namespace) => void,
  ) {}

  /** Returns the namespace that `import` in the file `from` gives. */
  async import(specifier: string, from: string): Promise<Namespace> {
    const file = await this.compiler.resolveModule(specifier, from).later();
    return file && !isJavaScript(file)
      ? this.importFile(file)
      : nodeModule(nodes(specifier, file), dirname(from)).later();
  }

  async importFile(file: string): Promise<Namespace> {
    const linked = this.linked.then(() => later(this.fresh(file)));
    this.linked = linked.catch(() => {});
    this.linking++;
    const loaded = await linked.finally(() => this.linking--);
    await later(this.execute(loaded, new Set()));
    return loaded.namespace;
  }

  /**
   * Loads a module synchronously, blocking this thread.
   *
   * @throws Error for a module that awaits at its top level
   */
  loadFile(file: string): Namespace {
    if (this.linking) throw new Error("another import is under way: await that one first");
    const loaded = now(this.fresh(file));
    now(this.execute(loaded, new Set()));
    return loaded.namespace;
  }

  /** Returns the value that `require` in the file `from` gives for a TypeScript file; undefined for what Node loads. */
  require(specifier: string, from: string): { value: unknown } | undefined {
    const file = this.compiler.resolveModule(specifier, from).now();
    if (!file || isNodes(file)) return undefined;
    const namespace = this.loadFile(file);
    return { value: WHOLE in namespace ? namespace[WHOLE] : namespace };
  }

  private fresh(file: string): Steps<Loaded> {
    this.forgetEdited();
    return this.load(file);
  }

  private forgetEdited(): void {
    this.forget([...this.modules.values()].filter(({ file, stamp }) => stampOf(file) !== stamp));
  }

  /** Removes modules and the modules that import them. */
  private forget(some: readonly Loaded[]): void {
    const gone = new Set(some);
    for (let before = -1; before !== gone.size; ) {
      before = gone.size;
      for (const loaded of this.modules.values())
        if ([...loaded.imports.values()].some((one) => gone.has(one))) gone.add(loaded);
    }
    for (const loaded of gone) if (this.modules.get(loaded.file) === loaded) this.modules.delete(loaded.file);
  }

  private *load(file: string): Steps<Loaded> {
    const known = this.modules.get(file);
    if (known) return known;
    const loaded: Loaded = {
      file,
      namespace: Object.create(null) as Namespace,
      stamp: stampOf(file),
      imports: new Map(),
      importers: new Set(),
      execute: () => {},
    };
    this.modules.set(file, loaded);
    try {
      if (file.endsWith(".json")) readJson(file, loaded.namespace);
      else yield* this.link(file, loaded);
    } catch (error) {
      this.forget([loaded]);
      throw error;
    }
    return loaded;
  }

  private *link(file: string, loaded: Loaded): Steps<void> {
    const compiled = yield* take(this.compiler.compileModule(file));
    this.stacks.add(file, compiled);
    const script = new Script(`(System) => {${compiled.code}\n}${mapComment(compiled.map)}`, {
      filename: file,
    });
    let imports: string[] = [];
    let declare: Parameters<Register>[1] | undefined;
    const register: Register = (names, body) => {
      imports = names;
      declare = body;
    };
    script.runInThisContext()({ register });
    const exported = (name: string | Namespace, value?: unknown) => {
      if (name === WHOLE) beWhole(loaded.namespace, value);
      else if (typeof name === "string") loaded.namespace[name] = value;
      else Object.assign(loaded.namespace, name);
      for (const set of loaded.importers) set(loaded.namespace);
      this.changed(loaded.namespace);
      return value;
    };
    const context = { meta: importMeta(file), import: (specifier: string) => this.import(specifier, file) };
    const { setters, execute } = declare!(exported, context);
    loaded.execute = execute;
    // In sequence: modules run in the order in which they are imported.
    for (const [i, specifier] of imports.entries()) {
      const target = yield* take(this.compiler.resolveModule(specifier, file));
      if (target && !isJavaScript(target)) {
        const imported = yield* this.load(target);
        loaded.imports.set(target, imported);
        imported.importers.add(setters[i]!);
        setters[i]!(imported.namespace);
      } else setters[i]!(yield* take(nodeModule(nodes(specifier, target), dirname(file))));
    }
  }

  /** Runs a module once, after the modules that it imports. Modules in a cycle do not wait for each other. */
  private *execute(loaded: Loaded, circle: Set<Loaded>): Steps<void> {
    if (circle.has(loaded)) return;
    circle.add(loaded);
    yield* take({
      later: () => {
        loaded.executed ??= later(this.run(loaded, circle));
        return loaded.executed;
      },
      now: () => {
        // A module that is currently running is used in its present state.
        if (loaded.executed) return;
        loaded.executed = Promise.resolve();
        now(this.run(loaded, circle));
      },
    });
  }

  private *run(loaded: Loaded, circle: Set<Loaded>): Steps<void> {
    try {
      for (const imported of loaded.imports.values()) yield* this.execute(imported, circle);
      yield* take({ later: () => loaded.execute(), now: () => executeNow(loaded) });
    } catch (error) {
      // The fault may be in another file, so the module is loaded again next time.
      this.forget([loaded]);
      throw error;
    }
  }
}

/** Whether Node loads a file of the user. */
const isNodes = (file: string) => /\.([cm]?js|json)$/.test(file);

/** Makes a value the module's, as `export =` does: it is the default, and its properties are exports. */
function beWhole(namespace: Namespace, value: unknown): void {
  Object.assign(namespace, value, { default: value });
  define(namespace, WHOLE, value);
}

const isJavaScript = (file: string) => /\.[cm]?js$/.test(file);

/**
 * Returns the specifier for Node: TypeScript resolves files without an extension or by the project's `paths`, and Node
 * does not.
 */
const nodes = (specifier: string, file: string | undefined) => (file ? pathToFileURL(file).href : specifier);

/** A module's text is an async function if it awaits at its top level. */
function executeNow({ file, execute }: Loaded): void {
  if (execute.constructor.name === "AsyncFunction")
    throw new Error(`${file} awaits at its top level: import it in a cell before it is named elsewhere`);
  execute();
}

function stampOf(file: string): string {
  const found = statSync(file, { throwIfNoEntry: false });
  return found ? `${found.mtimeMs} ${found.size}` : "gone";
}

function readJson(file: string, namespace: Namespace): void {
  try {
    const value = JSON.parse(readFileSync(file, "utf8").replace(/^\ufeff/, "")) as unknown;
    if (typeof value === "object" && !Array.isArray(value)) Object.assign(namespace, value);
    namespace.default = value;
  } catch (error) {
    throw new SyntaxError(`${file}: ${(error as Error).message}`);
  }
}
