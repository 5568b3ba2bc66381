import { z } from "zod";
import { check } from "./check";
import { ConfigError, type Problem } from "./errors";
import { checkedBy } from "./nested";
import { type Part, partOf } from "./part";
import { below, type Place } from "./place";
import { checkAll } from "./problems";
import { notOneOf } from "./suggest";

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

/** Returns a schema for the `type` of a part: the name of a library part, or an export of a user's module. */
export function typeOf<P extends { readonly kind: string }>(
  kind: P["kind"],
  library: Readonly<Record<string, P>>,
): z.ZodType<string, unknown> {
  const text = z.string({ error: `must be one of ${Object.keys(library).join(", ")}, or ./file.ts#export` });
  return checkedBy((value) => {
    const type = check(text, value, "");
    partOf(kind, library, type, { where: "", path: "" });
    return type;
  });
}
