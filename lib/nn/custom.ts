import { isUserType, type Place, type UserType, userExport } from "../config";
import type { Component } from "./component";

/** Whether a type names an export of a module, `./my_core.ts#MyCore`, and not a part of the library. */
export const isCustom = isUserType;

/**
 * Returns a component that a user's module exports: the result of `component(options, plan)`.
 *
 * @throws ConfigError when there is no such file or export, when the module fails, or when the export is no component
 */
export function customComponent<C extends Component<never[], unknown>>(type: UserType, at: Place): C {
  return userExport(type, at, (value) =>
    isComponent(value) ? undefined : "is no component; make it by component(options, plan)",
  ) as C;
}

function isComponent(value: unknown): boolean {
  if (value === null || typeof value !== "object") return false;
  const { options, plan } = value as Partial<Component<never[], unknown>>;
  return typeof plan === "function" && typeof options?.safeParse === "function";
}
