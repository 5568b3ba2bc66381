import { dirname, join } from "node:path";
import ts from "typescript";
import { packageRoot } from "../../lib/base/files/package";
import { readable } from "./diagnostics";
import { type FileWarning, isOwnPackage } from "./language";

/** The contents of the nearest tsconfig.json. */
interface Project {
  options: ts.CompilerOptions;
  /** Whether cells may contain JSX: the file says how it is compiled. */
  isJsx: boolean;
  /** Problems of the file. The options that could be read still apply. */
  warnings: FileWarning[];
}

/**
 * Returns how cells in `folder` are compiled: strictly, unless the nearest tsconfig.json says otherwise. The kernel
 * overrides options that a notebook cannot use (module system, output, unused names as errors).
 */
export function projectOf(folder: string): Project {
  const config = ts.findConfigFile(folder, ts.sys.fileExists);
  const { options, warnings } = config ? readConfig(config) : NONE;
  return { options: forCells(options, folder), isJsx: options.jsx !== undefined, warnings };
}

const NONE: ReturnType<typeof readConfig> = { options: {}, warnings: [] };

function forCells(project: ts.CompilerOptions, folder: string): ts.CompilerOptions {
  const own = packageRoot();
  const paths = Object.fromEntries(
    Object.entries(project.paths ?? {}).filter(([name]) => !isOwnPackage(name)),
  );
  // Cells are compiled for Node 20. A newer target allows what Node has, such as the flag `v` of regular expressions.
  const target = Math.max(project.target ?? ts.ScriptTarget.ESNext, ts.ScriptTarget.ES2022);
  return {
    strict: true,
    ...project,
    types: [...new Set(["node", ...(project.types ?? [])])],
    typeRoots: [...(project.typeRoots ?? typeRoots(folder)), ...typeRoots(own)],
    // A notebook imports the library that the kernel runs.
    paths,
    target,
    lib: project.lib ?? [
      `lib.${target >= ts.ScriptTarget.ESNext ? "esnext" : ts.ScriptTarget[target]!.toLowerCase()}.d.ts`,
    ],
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
    // Node does not run JSX that is preserved for another tool.
    jsx: project.jsx === ts.JsxEmit.React ? ts.JsxEmit.React : ts.JsxEmit.ReactJSX,
    ...NOT_FOR_CELLS,
  };
}

/** The options that say what syntax becomes in JavaScript. */
const SYNTAX = [
  "jsx",
  "jsxFactory",
  "jsxFragmentFactory",
  "jsxImportSource",
  "experimentalDecorators",
  "emitDecoratorMetadata",
];

/** Returns those of the options that say what syntax becomes in JavaScript. */
export const syntaxOf = (options: ts.CompilerOptions): ts.CompilerOptions =>
  Object.fromEntries(SYNTAX.map((name) => [name, options[name]]));

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
  customConditions: undefined,
};

/** The dialogs of show/input.ts. */
const DIALOGS = `
/** Asks the user for a line, and waits for it. Without an answer, the result is the second argument. */
declare function prompt(message?: string, initial?: string): string | null;
/** Asks the user, and waits for the answer. @returns whether it is "y" or "yes" */
declare function confirm(message?: string): boolean;
/** Shows a message, and waits until the user has pressed Enter. */
declare function alert(message?: unknown): void;
`;

/** Returns declarations of globals of the kernel that TypeScript has in its declarations of browsers only. */
export function globalsOfKernel({ lib = [] }: ts.CompilerOptions): string {
  if (lib.some((file) => /dom|webworker/.test(file))) return "";
  const browser = ts.sys.readFile(join(dirname(ts.getDefaultLibFilePath({})), "lib.dom.d.ts")) ?? "";
  const [namespace = ""] = /^declare namespace WebAssembly \{[\s\S]*?^\}/m.exec(browser) ?? [];
  return namespace.replace("{", "{\n    type BufferSource = ArrayBufferView | ArrayBuffer;") + DIALOGS;
}

/** Errors about missing input files, which do not matter here. */
const NO_INPUTS = new Set([18002, 18003]);

function readConfig(file: string): Omit<Project, "isJsx"> {
  const source = ts.readJsonConfigFile(file, ts.sys.readFile);
  // A host that lists no files avoids reading the project's folders. Only the options are needed.
  const host: ts.ParseConfigHost = { ...ts.sys, useCaseSensitiveFileNames: true, readDirectory: () => [] };
  const parsed = ts.parseJsonSourceFileConfigFileContent(source, host, dirname(file), undefined, file);
  const wrong = [...source.parseDiagnostics, ...parsed.errors].filter(({ code }) => !NO_INPUTS.has(code));
  const diagnostics = readable(wrong, source.text);
  return { options: parsed.options, warnings: diagnostics.length ? [{ file, diagnostics }] : [] };
}

/** Returns the folders in which TypeScript looks for `@types`: every folder upwards. */
function typeRoots(folder: string): string[] {
  const here = join(folder, "node_modules", "@types");
  return dirname(folder) === folder ? [here] : [here, ...typeRoots(dirname(folder))];
}
