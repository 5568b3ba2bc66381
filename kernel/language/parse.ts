import * as ts from "typescript";

/** A cell's syntax: a module's, where `await` may stand anywhere. */
export const parse = (code: string): ts.SourceFile =>
  ts.createSourceFile("cell.ts", code, {
    languageVersion: ts.ScriptTarget.ES2022,
    setExternalModuleIndicator: (file) => {
      file.externalModuleIndicator = true;
    },
  });
