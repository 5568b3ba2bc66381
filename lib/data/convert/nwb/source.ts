/** The kind of an array's elements. Enumerations and booleans are integers; compounds of numbers have a last axis for their members. */
export type ElementType = "uint8" | "integer" | "float" | "text" | "reference" | "other";

/** Whether elements of this type are numbers. */
export const isNumeric = (type: ElementType): boolean => ["uint8", "integer", "float"].includes(type);

/** A group or an array of an NWB file. */
export interface NwbObject {
  /** The path from the root, without a leading slash. */
  readonly path: string;
  /** The attributes by name. A reference is the path of its target. */
  readonly attributes: Readonly<Record<string, unknown>>;
  /** The shape and the type of an array; undefined for a group. */
  readonly array?: { readonly shape: readonly number[]; readonly type: ElementType };
}

/** Values in row-major order. Texts are strings, and references are paths. */
export type NwbValues = ArrayLike<number> | readonly string[];

/** An NWB file in one of its storage formats: the list of all its objects, and a function that reads the values of one. */
export interface NwbSource {
  readonly objects: ReadonlyMap<string, NwbObject>;
  /** The targets of links, by the paths of the links. */
  readonly links: ReadonlyMap<string, string>;
  /**
   * Reads the values of an array, or those of the rows from `from` up to `to`.
   *
   * @throws ConfigError when the file is damaged
   */
  read(path: string, from?: number, to?: number): Promise<NwbValues>;
}

/** The schemas of the file itself, which hold no data. */
const SPECIFICATIONS = "specifications";

/** An object, and the contents of a group: the names of its objects, and the names and targets of its links. */
export interface Listed extends Omit<NwbObject, "path"> {
  readonly members?: readonly string[];
  readonly links?: readonly (readonly [name: string, target: string])[];
}

/** Lists all objects of a file and all links. @param find returns the object at a path; undefined if it is neither a group nor an array */
export function listObjects(
  find: (path: string) => Listed | undefined,
): Pick<NwbSource, "objects" | "links"> {
  const objects = new Map<string, NwbObject>();
  const links = new Map<string, string>();
  const add = (path: string) => {
    const found = find(path);
    if (!found) return;
    const { members = [], links: own = [], ...object } = found;
    objects.set(path, { path, ...object });
    for (const [name, target] of own) links.set(childPath(path, name), target);
    for (const name of members) if (path !== "" || name !== SPECIFICATIONS) add(childPath(path, name));
  };
  add("");
  return { objects, links };
}

/** Returns a path without its leading slash. */
export const relativePath = (path: string): string => path.replace(/^\/+/, "");

/** Returns the path of an object in a group. */
export const childPath = (group: string, name: string): string => (group ? `${group}/${name}` : name);
