import "typescript";

/** What the parser keeps of a file, though not in its public types. */
declare module "typescript" {
  interface SourceFile {
    /** Every identifier's text. */
    readonly identifiers: ReadonlyMap<string, string>;
    readonly parseDiagnostics: readonly DiagnosticWithLocation[];
    externalModuleIndicator?: Node | true;
  }
}
