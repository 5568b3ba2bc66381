import * as ts from "typescript";

/** Parses a cell as a module, in which `await` is allowed anywhere. */
export const parse = (code: string): ts.SourceFile =>
  ts.createSourceFile("cell.ts", code, {
    languageVersion: ts.ScriptTarget.ES2022,
    setExternalModuleIndicator: (file) => {
      file.externalModuleIndicator = true;
    },
  });
