import ts from "typescript";
import type { Edits } from "./edits";
import { RUNTIME } from "./language";
import { checkLoop } from "./loop-checks";
import { renameVariable } from "./rename";

/**
 * Edits what code of a script needs anywhere: `import.meta` and `import()` are a module's, so a script asks the kernel; loops get their
 * checks, and variables with names of Node's globals get other names.
 */
export class CodeEdits {
  /** The nodes around the visited one. */
  private readonly parents: ts.Node[];

  /** @param nodes names of the session that are also Node's */
  constructor(
    private readonly tree: ts.SourceFile,
    private readonly edits: Edits,
    private readonly nodes: ReadonlySet<string>,
  ) {
    this.parents = [tree, tree];
  }

  readonly visit = (node: ts.Node): void => {
    const { tree, edits } = this;
    if (ts.isIdentifier(node)) {
      if (this.nodes.has(node.text)) renameVariable(node, this.parents, edits);
      return;
    }
    if (ts.isMetaProperty(node) && node.keywordToken === ts.SyntaxKind.ImportKeyword)
      edits.replace(node.getStart(tree), node.end, `${RUNTIME}.meta`);
    else if (node.kind === ts.SyntaxKind.ImportKeyword && isCall(this.parents.at(-1)!))
      edits.replace(node.getStart(tree), node.end, `${RUNTIME}.import`);
    else checkLoop(node, tree, edits);
    this.visitChildren(node);
  };

  visitChildren(node: ts.Node, isWanted: (child: ts.Node) => boolean = () => true): void {
    this.parents.push(node);
    ts.forEachChild(node, (child) => {
      if (isWanted(child)) this.visit(child);
    });
    this.parents.pop();
  }
}

const isCall = (node: ts.Node) => ts.isCallExpression(node);
