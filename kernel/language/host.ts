import { dirname, join } from "node:path";
import * as ts from "typescript";
import { isOwn, ownPackage } from "./own-package";
import { compilerOptions } from "./project";

/** The files that TypeScript sees: the disk, the cell in hand, and the declarations of earlier cells. */
export class CellHost implements ts.LanguageServiceHost {
  /** The cell in hand. Its folder is the notebook's, so that relative imports are the notebook's. */
  readonly cell: string;
  readonly service: ts.LanguageService;
  private readonly options: ts.CompilerOptions;
  private readonly own = ownPackage();
  private readonly texts = new Map<string, { text: string; version: number }>();
  private readonly resolved = new Map<string, ts.ResolvedModuleFull>();
  private readonly versions = new Map<string, string>();
  private changes = 0;

  constructor(readonly folder: string) {
    this.options = compilerOptions(folder);
    this.cell = join(folder, "__cell__.ts");
    const registry = ts.createDocumentRegistry(true, folder);
    // A cell that does not use the library drops its thousand files from the program: the next one must not read them again.
    registry.releaseDocumentWithKey = () => {};
    this.service = ts.createLanguageService(this, registry);
  }

  /** Where declarations of the cell number `index` are. */
  declarationsOf = (index: number): string => join(this.folder, `__cell_${index}__.d.ts`);

  write(file: string, text: string): void {
    if (this.texts.get(file)?.text === text) return;
    this.texts.set(file, { text, version: ++this.changes });
  }

  /** Looks again at the user's files on disk, which may have been edited. */
  refresh(): void {
    this.versions.clear();
    this.changes++;
  }

  source = (): ts.SourceFile => this.service.getProgram()!.getSourceFile(this.cell)!;

  getProjectVersion = () => String(this.changes);
  getScriptFileNames = () => [this.cell];
  getCompilationSettings = () => this.options;
  getCurrentDirectory = () => this.folder;
  getDefaultLibFileName = (options: ts.CompilerOptions) => ts.getDefaultLibFilePath(options);
  useCaseSensitiveFileNames = () => true;

  getScriptVersion = (file: string) => {
    const written = this.texts.get(file);
    if (written) return String(written.version);
    if (isPackage(file)) return "";
    let version = this.versions.get(file);
    if (version === undefined) {
      version = String(ts.sys.getModifiedTime!(file)?.getTime());
      this.versions.set(file, version);
    }
    return version;
  };

  getScriptSnapshot = (file: string) => {
    const text = this.readFile(file);
    return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
  };

  readFile = (file: string, encoding?: string) =>
    this.texts.get(file)?.text ?? ts.sys.readFile(file, encoding);
  fileExists = (file: string) => this.texts.has(file) || ts.sys.fileExists(file);
  directoryExists = ts.sys.directoryExists;
  getDirectories = ts.sys.getDirectories;
  readDirectory = ts.sys.readDirectory;
  realpath = ts.sys.realpath;

  resolveModuleNameLiterals = (
    literals: readonly ts.StringLiteralLike[],
    containing: string,
    redirected: ts.ResolvedProjectReference | undefined,
    options: ts.CompilerOptions,
    source: ts.SourceFile,
  ) =>
    literals.map((literal) => {
      const mode = ts.getModeForUsageLocation(source, literal, options);
      const key = `${dirname(containing)}\0${literal.text}\0${mode}`;
      const known = this.resolved.get(key);
      if (known) return { resolvedModule: known };
      const resolve = (from: string) =>
        ts.resolveModuleName(literal.text, from, options, this, undefined, redirected, mode);
      let found = resolve(containing);
      if (!found.resolvedModule && isOwn(literal.text)) found = resolve(join(this.own, "kernel.ts"));
      // What is not found may be written meanwhile.
      if (found.resolvedModule) this.resolved.set(key, found.resolvedModule);
      return found;
    });

  /** The file of the user's that an import means: not a package's, and not a declaration. */
  userFile(specifier: string, from: string): string | undefined {
    const mode = ts.ModuleKind.ESNext;
    const { resolvedModule } = ts.resolveModuleName(
      specifier,
      from,
      this.options,
      this,
      undefined,
      undefined,
      mode,
    );
    if (!resolvedModule || resolvedModule.isExternalLibraryImport) return undefined;
    const { resolvedFileName } = resolvedModule;
    return /\.d\.[cm]?ts$/.test(resolvedFileName) || !/\.([cm]?ts|tsx|json)$/.test(resolvedFileName)
      ? undefined
      : resolvedFileName;
  }
}

const isPackage = (file: string) => file.includes("/node_modules/");
