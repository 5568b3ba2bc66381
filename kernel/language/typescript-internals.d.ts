import "typescript";

/** What TypeScript has, though not in its public types. */
declare module "typescript" {
  interface SourceFile {
    /** Every identifier's text. */
    readonly identifiers: ReadonlyMap<string, string>;
    readonly parseDiagnostics: readonly DiagnosticWithLocation[];
    externalModuleIndicator?: Node | true;
  }
  /** A name that a transformation made up. */
  function isGeneratedIdentifier(node: Node): boolean;
}
