import { isBuiltin } from "node:module";
import { dirname, join } from "node:path";
import ts from "typescript";
import { packageRoot } from "../../lib/base/files/package";
import { Files, isPackage } from "./files";
import type { FileWarning } from "./language";
import { isOwn } from "./language";
import { globalsOfKernel, projectOf, syntaxOf } from "./project";

/** The files that TypeScript sees: the disk, the current cell, and the declarations of earlier cells. */
export class CellHost implements ts.LanguageServiceHost {
  /** The path of the current cell, in the notebook's folder, so that relative imports resolve from there. */
  readonly cell: string;
  readonly service: ts.LanguageService;
  /** Whether cells may contain JSX. */
  readonly isJsx: boolean;
  /** Options that say what syntax becomes in JavaScript. */
  readonly syntax: ts.CompilerOptions;
  /** Problems of the project's configuration. */
  readonly warnings: FileWarning[];
  private readonly options: ts.CompilerOptions;
  private readonly own = packageRoot();
  private readonly texts = new Map<string, { text: string; version: number }>();
  private readonly files = new Files();
  private readonly resolved = new Map<string, object>();
  private readonly packages: ts.ModuleResolutionCache;
  private cache: ts.ModuleResolutionCache | undefined;
  /** The user's files with imports that were not found. The imported files may be written later. */
  private readonly wanting = new Set<string>();
  private changes = 0;
  private readonly globals: string;

  constructor(readonly folder: string) {
    const { options, isJsx, warnings } = projectOf(folder);
    this.options = options;
    this.isJsx = isJsx;
    this.syntax = syntaxOf(options);
    this.warnings = warnings;
    this.packages = ts.createModuleResolutionCache(folder, sameName, this.options);
    this.cell = join(folder, isJsx ? "__cell__.tsx" : "__cell__.ts");
    this.globals = join(folder, "__node__.d.ts");
    this.write(this.globals, globalsOfKernel(options));
    const registry = ts.createDocumentRegistry(true, folder);
    // A cell that does not use the library removes its thousand files from the program. Keeping them avoids reading
    // them again for the next cell.
    registry.releaseDocumentWithKey = () => {};
    this.service = ts.createLanguageService(this, registry);
  }

  /** Returns the path of the declarations of a cell. */
  declarationsOf = (number: number): string => join(this.folder, `__cell_${number}__.d.ts`);

  write(file: string, text: string): void {
    if (this.texts.get(file)?.text === text) return;
    this.texts.set(file, { text, version: ++this.changes });
  }

  /** Reads the user's files from disk again, because they may have been edited. */
  refresh(): void {
    this.files.refresh();
    this.cache = undefined;
    this.changes++;
  }

  source = (): ts.SourceFile => this.service.getProgram()!.getSourceFile(this.cell)!;

  getModuleResolutionCache = () => this.packages;
  getProjectVersion = () => String(this.changes);
  getScriptFileNames = () => [this.cell, this.globals];
  getCompilationSettings = () => this.options;
  getCurrentDirectory = () => this.folder;
  getDefaultLibFileName = (options: ts.CompilerOptions) => ts.getDefaultLibFilePath(options);
  useCaseSensitiveFileNames = () => true;

  getScriptVersion = (file: string) => {
    const written = this.texts.get(file);
    return written ? String(written.version) : this.files.version(file);
  };

  getScriptSnapshot = (file: string) => {
    const written = this.texts.get(file);
    return written ? ts.ScriptSnapshot.fromString(written.text) : this.files.snapshot(file);
  };

  readFile = (file: string) => this.texts.get(file)?.text ?? this.files.readFile(file);
  fileExists = (file: string) => this.texts.has(file) || this.files.fileExists(file);
  directoryExists = (folder: string) => this.files.directoryExists(folder);
  realpath = (file: string) => (this.texts.has(file) ? file : this.files.realpath(file));
  hasInvalidatedResolutions = (file: ts.Path) => this.wanting.has(file);
  getDirectories = ts.sys.getDirectories;
  readDirectory = ts.sys.readDirectory;

  resolveModuleNameLiterals = (
    literals: readonly ts.StringLiteralLike[],
    containing: string,
    redirected: ts.ResolvedProjectReference | undefined,
    options: ts.CompilerOptions,
    source: ts.SourceFile,
  ) => {
    const all = literals.map(({ text }, i) => {
      const mode = ts.getModeForUsageLocation(source, literals[i]!, options);
      return this.found(`${dirname(containing)} ${text} ${mode}`, (cache) => {
        const resolve = (from: string) =>
          ts.resolveModuleName(text, from, options, this, cache, redirected, mode);
        const found = resolve(containing);
        return found.resolvedModule || !isOwn(text) ? found : resolve(join(this.own, "kernel.ts"));
      });
    });
    const isThere = all.every(({ resolvedModule }, i) => resolvedModule || isBuiltin(literals[i]!.text));
    if (isThere || isPackage(containing)) this.wanting.delete(containing);
    else this.wanting.add(containing);
    return all;
  };

  resolveTypeReferenceDirectiveReferences = <T extends ts.FileReference | string>(
    references: readonly T[],
    containing: string,
    redirected: ts.ResolvedProjectReference | undefined,
    options: ts.CompilerOptions,
  ) =>
    references.map((reference) => {
      const name = typeof reference === "string" ? reference : reference.fileName;
      return this.found(`${dirname(containing)} types ${name}`, () =>
        ts.resolveTypeReferenceDirective(name, containing, options, this, redirected),
      );
    });

  /**
   * Resolves an import once. An import that is not found is tried again later, because its file may be written
   * meanwhile.
   */
  private found<
    T extends
      | ts.ResolvedModuleWithFailedLookupLocations
      | ts.ResolvedTypeReferenceDirectiveWithFailedLookupLocations,
  >(key: string, find: (cache: ts.ModuleResolutionCache) => T): T {
    const known = this.resolved.get(key) as T | undefined;
    if (known) return known;
    const packages = this.packages.getPackageJsonInfoCache();
    this.cache ??= ts.createModuleResolutionCache(this.folder, sameName, this.options, packages);
    const result = find(this.cache);
    const isFound =
      "resolvedModule" in result
        ? result.resolvedModule
        : "resolvedTypeReferenceDirective" in result && result.resolvedTypeReferenceDirective;
    if (isFound) this.resolved.set(key, result);
    return result;
  }

  /**
   * Returns the user's file that an import refers to, TypeScript or JavaScript, but not a package's file or a
   * declaration file.
   */
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
    return /\.d\.[cm]?ts$/.test(resolvedFileName) || !/\.([cm]?[jt]s|[jt]sx|json)$/.test(resolvedFileName)
      ? undefined
      : resolvedFileName;
  }
}

const sameName = (file: string) => file;
