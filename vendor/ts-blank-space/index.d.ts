import type * as ts from "typescript";
/**
 * @param source containing TypeScript's AST
 * @param onErrorArg callback when unsupported syntax is encountered
 * @returns the resulting JavaScript
 */
export declare function blankSourceFile(source: ts.SourceFile, onErrorArg?: (node: ts.Node) => void): string;
