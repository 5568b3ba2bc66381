import type { DebugProtocol } from "@vscode/debugprotocol";

/**
 * Returns V8's condition for a breakpoint. A log point prints its message, in which `{x}` is the value of x, and does not stop.
 *
 * @param compile returns an expression in TypeScript as JavaScript
 * @throws SyntaxError for a condition or a message that is not TypeScript
 */
export async function conditionOf(
  { condition, logMessage }: DebugProtocol.SourceBreakpoint,
  compile: (text: string) => Promise<string>,
): Promise<string | undefined> {
  const when = condition?.trim() ? await compile(condition) : undefined;
  if (!logMessage) return when;
  const template = logMessage.replace(/[`\\]|\$(?=\{)/g, "\\$&").replace(/\{[^{}]+\}/g, "$$$&");
  const print = await compile(`(console.log(\`${template}\`), false)`);
  return when ? `(${when}) && ${print}` : print;
}
