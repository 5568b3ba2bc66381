import type { z } from "zod";
import {
  check,
  isUserType,
  notOneOf,
  type Place,
  problemAt,
  type UserType,
  userExport,
} from "../base/config";

/** A component in a registry of types: a schema for its options, and a function that plans it. */
export interface Component<Args extends unknown[], Planned> {
  readonly options: z.ZodType;
  /**
   * Checks the typed parts in the unparsed options, before shapes are known.
   *
   * @throws ConfigError with all their problems
   */
  checkParts?(params: unknown, at: Place): void;
  /** @throws ConfigError for options that the schema rejects and for invalid shapes */
  plan(params: unknown, at: Place, ...args: Args): Planned;
}

type Checkable = Pick<Component<never[], unknown>, "options">;

/** A component whose type tells its options. */
export interface TypedComponent<S extends z.ZodType, Args extends unknown[], Planned>
  extends Component<Args, Planned> {
  readonly options: S;
}

/** Returns the checked options of a component, with defaults filled in. @throws ConfigError as `plan` */
export const optionsOf = <S extends z.ZodType>(
  { options }: { readonly options: S },
  params: unknown,
  at: Place,
): z.output<S> => check(options, params ?? {}, at.where, at.path);

/**
 * Combines a schema and a plan function. The plan function gets checked options with defaults filled in.
 *
 * @param checkParts checks options that contain components of other kinds
 */
export function component<S extends z.ZodType, Args extends unknown[], Planned>(
  options: S,
  plan: (options: z.output<S>, at: Place, ...args: Args) => Planned,
  checkParts?: (params: unknown, at: Place) => void,
): TypedComponent<S, Args, Planned> {
  const made: TypedComponent<S, Args, Planned> = {
    options,
    ...(checkParts ? { checkParts } : {}),
    plan: (params, at, ...args) => plan(optionsOf(made, params, at), at, ...args),
  };
  return made;
}

/**
 * Returns the component of a type: one from the registry, or an export of a user's module (`./my_core.ts#MyCore`).
 *
 * @param at the location of the type in the configuration
 * @throws ConfigError that lists the known types
 */
export function componentOf<C extends Checkable>(
  room: Readonly<Record<string, C>>,
  type: string,
  at: Place,
): C {
  if (isUserType(type)) return customComponent(type, at) as unknown as C;
  if (!Object.hasOwn(room, type)) throw problemAt(at, notOneOf(type, Object.keys(room)));
  return room[type]!;
}

/**
 * Returns a component that a user's module exports: the result of `component(options, plan)`.
 *
 * @throws ConfigError when there is no such file or export, when the module fails, or when the export is not a component
 */
function customComponent<C extends Component<never[], unknown>>(type: UserType, at: Place): C {
  return userExport(type, at, (value) =>
    isComponent(value) ? undefined : "is not a component; make it with component(options, plan)",
  ) as C;
}

function isComponent(value: unknown): boolean {
  if (value === null || typeof value !== "object") return false;
  const { options, plan } = value as Partial<Component<never[], unknown>>;
  return typeof plan === "function" && typeof options?.safeParse === "function";
}
