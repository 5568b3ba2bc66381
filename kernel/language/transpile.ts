import type { SourceMapPayload } from "node:module";
import ts from "typescript";
import { withLoopChecks } from "./loop-checks";

/** JavaScript with its source map. */
interface Transpiled {
  code: string;
  map: SourceMapPayload;
  /** The first syntax error, if the options ask for diagnostics. */
  error: ts.Diagnostic | undefined;
}

/**
 * Compiles a text, without checking its types. Loops get their checks after all transformations in `before`.
 *
 * @param file the name of the text in the source map
 */
export function transpiled(text: string, file: string, options: ts.TranspileOptions): Transpiled {
  const { compilerOptions, transformers } = options;
  const { outputText, sourceMapText, diagnostics } = ts.transpileModule(text, {
    ...options,
    compilerOptions: { ...compilerOptions, sourceMap: true },
    transformers: { ...transformers, before: [...(transformers?.before ?? []), withLoopChecks] },
  });
  const map = JSON.parse(sourceMapText!) as SourceMapPayload;
  return {
    code: outputText.replace(/\/\/# sourceMappingURL=.*\s*$/, ""),
    map: { ...map, sources: [file], sourcesContent: [text] },
    error: diagnostics?.find(({ category }) => category === ts.DiagnosticCategory.Error),
  };
}
