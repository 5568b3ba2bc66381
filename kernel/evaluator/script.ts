import { constants, Script } from "node:vm";
import type { CellValue, CompiledCell } from "../language/language";
import { mapComment } from "../language/runtime/stacks";
import { type Owner, runAs } from "../output/owner";
import { rememberCell } from "./errors";

/** Starts a compiled cell. @returns the promise of its value */
export function start(
  { code, map, file }: CompiledCell,
  text: string,
  owner: Owner,
): Promise<CellValue | undefined> {
  rememberCell(file, text);
  const script = new Script(code + mapComment(map), {
    filename: file,
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  return runAs(owner, () => script.runInThisContext() as Promise<CellValue | undefined>);
}
