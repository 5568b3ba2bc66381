import { dirname, join } from "node:path";
import * as ts from "typescript";
import { packageRoot } from "../../lib/setup/project";

/**
 * How cells in `folder` are compiled: strictly, unless the nearest tsconfig.json says otherwise. What a notebook cannot
 * work with (its module system, output, unused names as errors) is the kernel's.
 */
export function compilerOptions(folder: string): ts.CompilerOptions {
  const own = packageRoot();
  const config = ts.findConfigFile(folder, ts.sys.fileExists);
  const project = config ? readConfig(config) : {};
  const { gradbook: _, tslab: __, ...paths } = project.paths ?? {};
  return {
    lib: ["lib.es2023.d.ts"],
    strict: true,
    ...project,
    types: [...new Set(["node", ...(project.types ?? [])])],
    typeRoots: [...(project.typeRoots ?? typeRoots(folder)), ...typeRoots(own)],
    // The library that a notebook imports is the one that the kernel runs.
    paths,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.Preserve,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    moduleDetection: ts.ModuleDetectionKind.Force,
    allowImportingTsExtensions: true,
    allowJs: true,
    esModuleInterop: true,
    resolveJsonModule: true,
    skipLibCheck: true,
    declaration: true,
    emitDeclarationOnly: true,
    ignoreDeprecations: "6.0",
    ...NOT_FOR_CELLS,
  };
}

const NOT_FOR_CELLS: ts.CompilerOptions = {
  noEmit: false,
  noUnusedLocals: false,
  noUnusedParameters: false,
  isolatedModules: false,
  isolatedDeclarations: false,
  verbatimModuleSyntax: false,
  erasableSyntaxOnly: false,
  composite: false,
  incremental: false,
  tsBuildInfoFile: undefined,
  outDir: undefined,
  outFile: undefined,
  rootDir: undefined,
  declarationDir: undefined,
  declarationMap: false,
  sourceMap: false,
  inlineSourceMap: false,
  checkJs: false,
  jsx: undefined,
  customConditions: undefined,
};

function readConfig(file: string): ts.CompilerOptions {
  const { config } = ts.readConfigFile(file, ts.sys.readFile);
  // Only options are wanted: a host that lists no files saves reading the project's folders.
  const host: ts.ParseConfigHost = { ...ts.sys, useCaseSensitiveFileNames: true, readDirectory: () => [] };
  return ts.parseJsonConfigFileContent(config ?? {}, host, dirname(file), undefined, file).options;
}

/** Where TypeScript looks for `@types`: in every folder upwards. */
function typeRoots(folder: string): string[] {
  const here = join(folder, "node_modules", "@types");
  return dirname(folder) === folder ? [here] : [here, ...typeRoots(dirname(folder))];
}
