import { z } from "zod";
import { check, checkedBy } from "./check";
import { ConfigError, checkAll, notOneOf, type Problem } from "./errors";
import { isUserType, userExport } from "./user-module";
import { below, type Place, problemAt } from "./yaml";

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
    return `${is}; make it with ${definer(kind)}`;
  }) as P;
}

/** The parts of one kind: those of the library, and the options that all types take. */
interface Kind<P, Common extends z.ZodRawShape> {
  readonly kind: string;
  readonly library: Readonly<Record<string, P>>;
  readonly common: z.ZodObject<Common>;
}

/** Checked options: the type, the options that all types share, and the options of this type. */
export interface Typed<Common extends z.ZodRawShape> {
  readonly type: string;
  readonly common: z.output<z.ZodObject<Common>>;
  readonly own: Readonly<Record<string, unknown>>;
}

type AnyPart = Pick<Part<string, never[], unknown>, "kind" | "options">;

/**
 * Checks options of the form `{type, ...options}`, where the type determines the allowed options.
 *
 * @throws ConfigError with every problem: an unknown type, an option that the type does not take, a value that is not allowed
 */
export function checkTyped<P extends AnyPart, Common extends z.ZodRawShape>(
  { kind, library, common }: Kind<P, Common>,
  { type, ...options }: { readonly type: string; readonly [option: string]: unknown },
  at: Place,
): Typed<Common> {
  const { options: schema } = partOf(kind, library, type, below(at, "type"));
  const shared = Object.keys(common.shape);
  const pick = (wanted: (key: string) => boolean) =>
    Object.fromEntries(Object.entries(options).filter(([key]) => wanted(key)));
  const given = pick((key) => !shared.includes(key));
  const known = keysOf(schema);
  const unknown = known ? Object.keys(given).filter((key) => !known.includes(key)) : [];
  let ofEvery: z.output<typeof common> | undefined;
  let own: unknown;
  checkAll(at.where, [
    () => {
      const problems = unknown.map((key) => unknownOption(key, ["type", ...shared, ...known!], library, at));
      if (problems.length > 0) throw new ConfigError(at.where, problems);
    },
    () => {
      const ofShared = pick((key) => shared.includes(key));
      ofEvery = check(common, ofShared, at.where, at.path);
    },
    () => {
      const others = pick((key) => !shared.includes(key) && !unknown.includes(key));
      own = check(schema, others, at.where, at.path);
    },
  ]);
  return { type, common: ofEvery!, own: own as Record<string, unknown> };
}

function unknownOption(
  key: string,
  allowed: readonly string[],
  library: Readonly<Record<string, AnyPart>>,
  at: Place,
): Problem {
  const others = Object.keys(library).filter((type) => keysOf(library[type]!.options)?.includes(key));
  const hint = others.length > 0 ? `; it is an option of ${others.join(", ")}` : "";
  return { path: at.path, message: `unknown key ${notOneOf(key, allowed)}${hint}` };
}

/** Returns the keys that a schema of options allows; undefined when the schema is not an object schema. */
function keysOf(schema: z.ZodType): string[] | undefined {
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : undefined;
}

/**
 * Returns what a JSON Schema says of the `type` of a part, for editors: one of the library's names, or an export of a user's module.
 *
 * @example
 * z.string().meta(typeNames(["poisson"]))
 */
export const typeNames = (names: readonly string[]) => ({
  anyOf: [{ enum: [...names] }, { type: "string", pattern: "#" }],
});

/** Returns a schema for the `type` of a part: the name of a library part, or an export of a user's module. */
export function typeOf<P extends { readonly kind: string }>(
  kind: P["kind"],
  library: Readonly<Record<string, P>>,
): z.ZodType<string, unknown> {
  const text = z.string({ error: `must be one of ${Object.keys(library).join(", ")}, or ./file.ts#export` });
  const schema = checkedBy((value) => {
    const type = check(text, value, "");
    partOf(kind, library, type, { where: "", path: "" });
    return type;
  });
  return schema.meta(typeNames(Object.keys(library)));
}
