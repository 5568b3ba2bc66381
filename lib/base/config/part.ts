import type { z } from "zod";
import { check } from "./check";
import { type Place, problemAt } from "./place";
import { notOneOf } from "./suggest";
import { isUserType, userExport } from "./user-module";

/** A part of a training that configurations name by its type: a scheduler, an optimizer, a loss, ... */
export interface Part<Kind extends string, Args extends unknown[], Made> {
  /** The kind of part, so that a user's export of another kind is refused. */
  readonly kind: Kind;
  readonly options: z.ZodType;
  /** @throws ConfigError for options that the schema refuses */
  make(options: unknown, at: Place, ...args: Args): Made;
}

/** Joins a schema for the options with the function that makes the part from checked options. */
export function part<Kind extends string, S extends z.ZodType, Args extends unknown[], Made>(
  kind: Kind,
  options: S,
  make: (options: z.output<S>, ...args: Args) => Made,
): Part<Kind, Args, Made> {
  return {
    kind,
    options,
    make: (given, at, ...args) => make(check(options, given ?? {}, at.where, at.path), ...args),
  };
}

const withArticle = (noun: string) => `${/^[aeiou]/.test(noun) ? "an" : "a"} ${noun}`;

/** The name of the function that makes a part of a kind, such as `defineScheduler`. */
const definer = (kind: string) => `define${kind.charAt(0).toUpperCase()}${kind.slice(1)}`;

/**
 * Returns the part of a type: one of the library's, or an export of a user's module (`./my_scheduler.ts#myScheduler`).
 *
 * @param kind the kind that is needed
 * @param at the location of the type in the configuration
 * @throws ConfigError for an unknown type, with the known ones, and for an export that is missing or of another kind
 */
export function partOf<P extends { readonly kind: string }>(
  kind: P["kind"],
  library: Readonly<Record<string, P>>,
  type: string,
  at: Place,
): P {
  if (!isUserType(type)) {
    if (!Object.hasOwn(library, type)) throw problemAt(at, notOneOf(type, Object.keys(library)));
    return library[type]!;
  }
  return userExport(type, at, (value) => {
    const found = value !== null && typeof value === "object" && "kind" in value ? String(value.kind) : "";
    if (found === kind) return undefined;
    const is = found ? `is ${withArticle(found)}, not ${withArticle(kind)}` : `is no ${kind}`;
    return `${is}; make it by ${definer(kind)}`;
  }) as P;
}
