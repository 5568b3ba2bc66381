import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { createRequire, Module } from "node:module";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { Script } from "node:vm";

type Wrapped = (
  exports: unknown,
  require: NodeJS.Require,
  module: Module,
  file: string,
  folder: string,
) => void;

/** A CommonJS file of a package whose compiled code is kept in the user's folder for caches, for versions of Node that have no such cache. */
export class CompiledFile {
  private constructor(
    private readonly script: Script,
    private readonly stored: string,
  ) {}

  /**
   * Loads a file, so that `require` finds it loaded. Returns undefined where NODE_DISABLE_COMPILE_CACHE is set: `require` loads the file then.
   *
   * @param file absolute
   */
  static load(file: string): CompiledFile | undefined {
    if (process.env.NODE_DISABLE_COMPILE_CACHE) return undefined;
    const stored = storedCode(file);
    const script = new Script(Module.wrap(readFileSync(file, "utf8")), {
      filename: file,
      cachedData: contentOf(stored),
    });
    const loaded = new Module(file);
    loaded.filename = file;
    const run = script.runInThisContext() as Wrapped;
    run.call(loaded.exports, loaded.exports, createRequire(file), loaded, file, dirname(file));
    loaded.loaded = true;
    require.cache[file] = loaded;
    return new CompiledFile(script, stored);
  }

  /** Whether stored code was used. */
  get isStored(): boolean {
    return this.script.cachedDataRejected === false;
  }

  /** Stores the functions that have been compiled, unless stored code was used. Without the right to write, nothing is stored. */
  save(): void {
    if (this.isStored) return;
    const beside = `${this.stored}.${process.pid}`;
    try {
      mkdirSync(dirname(this.stored), { recursive: true });
      writeFileSync(beside, this.script.createCachedData());
      renameSync(beside, this.stored);
    } catch {
      // The next kernel compiles the file again.
    }
  }
}

/** Returns the path of a file's compiled code. V8 itself refuses the code of another version or of other flags. */
function storedCode(file: string): string {
  const { size, mtimeMs } = statSync(file);
  const key = createHash("sha256").update(
    JSON.stringify([file, size, mtimeMs, process.version, process.arch]),
  );
  const caches = process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache");
  const folder = process.env.NODE_COMPILE_CACHE ?? join(caches, "gradbook", "compiled");
  return join(folder, `${key.digest("hex")}.bin`);
}

function contentOf(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}
