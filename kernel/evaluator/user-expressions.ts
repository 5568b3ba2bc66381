import { Script } from "node:vm";
import { has } from "../language/globals";
import type { CellValue, Language } from "../language/language";
import { type Owner, runAs } from "../output/owner";
import { toBundle } from "../show/bundle";
import { reportDiagnostics, reportError } from "./errors";

/**
 * Evaluates the expressions that a client sends with a cell, after the cell has run.
 *
 * @param wanted the expressions by name, as in `execute_request`
 * @returns the value or the error of each, as in `execute_reply`
 */
export async function evaluateExpressions(
  language: Language,
  owner: Owner,
  wanted: unknown,
): Promise<Record<string, unknown>> {
  const results: Record<string, unknown> = {};
  for (const [name, code] of Object.entries((wanted as Record<string, string> | undefined) ?? {}))
    try {
      results[name] = await evaluate(language, owner, String(code));
    } catch (error) {
      results[name] = { status: "error", ...reportError(error) };
    }
  return results;
}

async function evaluate(language: Language, owner: Owner, code: string): Promise<object> {
  const compiled = await language.compile({ code, number: 0, file: "expression" });
  if (has(compiled, "diagnostics"))
    return { status: "error", ...reportDiagnostics("expression", compiled.diagnostics) };
  const script = new Script(compiled.code, { filename: "expression" });
  const result = await runAs(owner, () => script.runInThisContext() as Promise<CellValue | undefined>);
  return { status: "ok", data: await toBundle(result?.value), metadata: {} };
}
