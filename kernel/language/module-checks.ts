import type * as ts from "typescript";
import { readable } from "./diagnostics";
import type { CellHost } from "./host";
import type { FileWarning } from "./language";

/** Checks the types of modules that cells import, when they or the files that they import are new or edited. */
export class ModuleChecks {
  private readonly checked = new Set<string>();

  /**
   * Returns the problems in modules that the current cell imports. The cell still runs, because compiling a module
   * needs no types.
   */
  changed({ service, getScriptVersion }: CellHost): FileWarning[] {
    const program = service.getProgram()!;
    const files = program.getSourceFiles().filter((file) => isModule(file, program));
    const state = files.map(({ fileName }) => `${fileName} ${getScriptVersion(fileName)}`).join("\n");
    if (this.checked.has(state)) return [];
    this.checked.add(state);
    return files.flatMap((source) => {
      const { fileName: file, text } = source;
      const diagnostics = readable(program.getSemanticDiagnostics(source), text);
      const known = `${file} ${getScriptVersion(file)} ${JSON.stringify(diagnostics)}`;
      if (diagnostics.length === 0 || this.checked.has(known)) return [];
      this.checked.add(known);
      return [{ file, diagnostics }];
    });
  }
}

const isModule = (file: ts.SourceFile, program: ts.Program) =>
  /\.[cm]?tsx?$/.test(file.fileName) &&
  !file.isDeclarationFile &&
  !/[\\/]__cell__\.ts$/.test(file.fileName) &&
  !program.isSourceFileFromExternalLibrary(file);
