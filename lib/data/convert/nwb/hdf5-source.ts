import type { Dataset, File, Group, Metadata, Reference } from "h5wasm/node";
import { ConfigError } from "../../../base/config";
import { readHdf5 } from "../../hdf5";
import { openDataset, TYPE_CLASS } from "../../hdf5-dataset";
import {
  childPath,
  type ElementType,
  type Listed,
  listObjects,
  type NwbObject,
  type NwbSource,
  type NwbValues,
  relativePath,
} from "./source";

/** A file with more objects than this has cycles of links. */
const MOST_OBJECTS = 200_000;
const ADVICE = "check the path";

/** Opens an NWB file in HDF5. @throws ConfigError when it cannot be read */
export async function openHdf5(path: string): Promise<NwbSource> {
  const listed = await readHdf5(path, ADVICE, (file) => {
    let count = 0;
    return listObjects((at) => {
      const found = objectAt(file, at);
      if (found && ++count > MOST_OBJECTS) {
        const message = `has more than ${MOST_OBJECTS.toLocaleString("en")} objects; its groups may contain each other`;
        throw new ConfigError(path, [{ path: "", message }]);
      }
      return found;
    });
  });
  return {
    ...listed,
    read: (at, from, to) => readHdf5(path, ADVICE, (file) => valuesOf(file, at, from, to)),
  };
}

/** Returns the object at a path, and what it contains. */
function objectAt(file: File, path: string): Listed | undefined {
  const entity = path === "" ? file : file.get(path);
  if (!entity || !("attrs" in entity)) return undefined;
  const attributes = attributesOf(entity);
  if ("shape" in entity) return { attributes, array: arrayOf(entity) };
  const names = "keys" in entity ? (entity as Group).keys() : [];
  const targets = new Map(names.map((name) => [name, file.get_link(childPath(path, name))] as const));
  return {
    attributes,
    members: names.filter((name) => !targets.get(name)),
    links: names.flatMap((name) => {
      const target = targets.get(name);
      return target ? [[name, linkTarget(path, target)] as const] : [];
    }),
  };
}

/** Returns the absolute target of a soft link, which may be relative to the group of the link. */
function linkTarget(group: string, target: string): string {
  return target.startsWith("/") ? relativePath(target) : childPath(group, target);
}

function attributesOf(entity: Pick<Group, "attrs" | "dereference">): NwbObject["attributes"] {
  const read = (name: string) => {
    const value: unknown = entity.attrs[name]!.value;
    const first: unknown = Array.isArray(value) ? value[0] : value;
    return isReference(first) ? targetOf(entity, first) : value;
  };
  return Object.fromEntries(Object.keys(entity.attrs).map((name) => [name, read(name)]));
}

const isReference = (value: unknown): value is Reference =>
  typeof value === "object" && value !== null && "ref_data" in value;

/** Returns the path of the target of a reference; empty when the target is not in the file. */
function targetOf(entity: Pick<Group, "dereference">, reference: Reference): string {
  try {
    const target = entity.dereference(reference);
    return target && "path" in target ? relativePath(String(target.path)) : "";
  } catch {
    return "";
  }
}

function arrayOf(dataset: Dataset): NonNullable<NwbObject["array"]> {
  const shape = [...(dataset.shape ?? [])];
  const members = numericMembers(dataset.metadata);
  return { shape: members ? [...shape, members] : shape, type: typeOf(dataset.metadata) };
}

/** Returns the number of members of a compound of numbers; 0 for other types. */
function numericMembers({ type, compound_type }: Metadata): number {
  if (type !== TYPE_CLASS.compound || !compound_type) return 0;
  const { members } = compound_type;
  return members.every(({ type }) => type === TYPE_CLASS.integer || type === TYPE_CLASS.float)
    ? members.length
    : 0;
}

function typeOf(metadata: Metadata): ElementType {
  const { type, size, signed } = metadata;
  if (type === TYPE_CLASS.integer) return size === 1 && !signed ? "uint8" : "integer";
  if (type === TYPE_CLASS.enum) return "integer";
  if (type === TYPE_CLASS.float || numericMembers(metadata) > 0) return "float";
  if (type === TYPE_CLASS.string) return "text";
  return type === TYPE_CLASS.reference ? "reference" : "other";
}

function valuesOf(file: File, path: string, from?: number, to?: number): NwbValues {
  const numbers = openDataset(file, path);
  if (numbers) return from === undefined ? numbers.readAll() : numbers.read(from, to);
  const dataset = file.get(path) as Dataset;
  const value: unknown = dataset.value;
  const items = Array.isArray(value) ? flattened(value) : [value];
  if (isReference(items[0])) return items.map((item) => targetOf(dataset, item as Reference));
  if (typeof items[0] === "string") return items as readonly string[];
  return Float64Array.from(items, Number);
}

/** Returns the items of nested lists, such as the members of compounds. */
const flattened = (list: readonly unknown[]): unknown[] =>
  list.flatMap((item): unknown[] => (Array.isArray(item) ? flattened(item) : [item]));
