import "typescript";

/** Members of TypeScript that are not in its public types. */
declare module "typescript" {
  interface SourceFile {
    /** Every identifier's text. */
    readonly identifiers: ReadonlyMap<string, string>;
    readonly parseDiagnostics: readonly DiagnosticWithLocation[];
    externalModuleIndicator?: Node | true;
  }
  /** Whether a transformation made up the name. */
  function isGeneratedIdentifier(node: Node): boolean;
}
