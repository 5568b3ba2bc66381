import { withoutPrototype } from "../language/globals";
import { RUNTIME } from "../language/language";

/**
 * The globals of which the kernel needs the originals, together with their functions. Timers and clocks are not among them, because tests
 * of users replace those.
 */
const GLOBALS = [
  "AbortController",
  "AbortSignal",
  "AggregateError",
  "Array",
  "ArrayBuffer",
  "Atomics",
  "BigInt",
  "Boolean",
  "Buffer",
  "Error",
  "Event",
  "EventTarget",
  "Function",
  "Int32Array",
  "JSON",
  "Map",
  "Math",
  "Number",
  "Object",
  "Promise",
  "Proxy",
  "Reflect",
  "RegExp",
  "Set",
  "SharedArrayBuffer",
  "String",
  "Symbol",
  "SyntaxError",
  "TextDecoder",
  "TypeError",
  "URL",
  "Uint8Array",
  "WeakMap",
  "WeakRef",
  "WeakSet",
];

/** Globals that are no built-in objects of JavaScript. Users may replace their members. */
const OTHERS = ["process", RUNTIME];

/**
 * The properties that JavaScript reads of any object or list, also where it has none: the members of descriptors, `then` of each value of
 * a promise, `toJSON` of each value in a message, `return` of iterators, and the elements of lists, which may have setters.
 */
const INHERITED = [
  {
    owner: Object.prototype,
    name: "Object.prototype",
    keys: /^(get|set|value|writable|enumerable|configurable|then|toJSON|return|\d+)$/,
  },
  { owner: Array.prototype, name: "Array.prototype", keys: /^(then|toJSON|\d+)$/ },
];

/** A property with its original value. */
interface Original {
  owner: object;
  key: PropertyKey;
  descriptor: PropertyDescriptor;
  /** The value, or the getter. */
  value: unknown;
  /** The name in messages. */
  name: string;
}

/** The names of properties that differed from the originals. */
export interface Restored {
  putBack: string[];
  /** The properties that a cell has made constant. They are named once. */
  constant: string[];
}

/** Properties that users set. In some versions of Node they are not enumerable, as functions are. */
const SETTINGS: readonly PropertyKey[] = ["prepareStackTrace", "stackTraceLimit"];

// These must work when a cell has replaced everything else.
const { defineProperty, getOwnPropertyDescriptor, getOwnPropertyNames, hasOwn } = Object;
const { deleteProperty } = Reflect;

/**
 * The built-in objects and functions of JavaScript as they were when the kernel started. Cells can replace them, and run beside the
 * kernel's own code, which could then neither answer nor report an error.
 */
export class Intrinsics {
  private readonly globals: Original[] = [];
  private readonly members: Original[] = [];
  /** The names of what cells have made constant. */
  private readonly constant = Object.create(null) as Record<string, boolean>;

  constructor() {
    for (const name of [...GLOBALS, ...OTHERS]) {
      const value = (globalThis as Record<string, unknown>)[name] as object;
      const descriptor = withoutPrototype({ value, writable: true, configurable: true, enumerable: false });
      this.globals.push({ owner: globalThis, key: name, descriptor, value, name });
      if (OTHERS.includes(name)) continue;
      this.addMembers(value, name);
      const { prototype } = value as { prototype?: object };
      if (prototype) this.addMembers(prototype, `${name}.prototype`);
    }
    for (const collection of [[], new Map(), new Set(), ""])
      this.addMembers(
        Object.getPrototypeOf(collection[Symbol.iterator]()) as object,
        `${collection.constructor.name}.prototype[Symbol.iterator]()`,
      );
  }

  /**
   * Puts the originals back, and removes properties that would be read of the kernel's own objects. It uses nothing that a cell can
   * replace.
   *
   * @returns the names of what was put back, and of what a cell has made constant since the last call
   */
  restore(): Restored {
    const restored: Restored = { putBack: [], constant: [] };
    for (let i = 0; i < this.globals.length; i++) {
      const original = this.globals[i]!;
      if (currentOf(original) !== original.value) this.record(original.name, putBack(original), restored);
    }
    for (let i = 0; i < this.members.length; i++) {
      const original = this.members[i]!;
      const now = getOwnPropertyDescriptor(original.owner, original.key);
      if (!now || heldBy(now) !== original.value) this.record(original.name, putBack(original), restored);
    }
    for (let i = 0; i < INHERITED.length; i++) this.removeAdded(INHERITED[i]!, restored);
    return restored;
  }

  private removeAdded({ owner, name, keys }: (typeof INHERITED)[number], restored: Restored): void {
    const own = getOwnPropertyNames(owner);
    for (let i = 0; i < own.length; i++) {
      const key = own[i]!;
      if (keys.test(key)) this.record(`${name}.${key}`, deleteProperty(owner, key), restored);
    }
  }

  private record(name: string, isPutBack: boolean, { putBack, constant }: Restored): void {
    if (isPutBack) append(putBack, name);
    else if (!this.constant[name]) append(constant, name);
    this.constant[name] = !isPutBack;
  }

  /** Adds the functions and getters of a built-in object. */
  private addMembers(owner: object, name: string): void {
    for (const key of Reflect.ownKeys(owner)) {
      const descriptor = withoutPrototype(getOwnPropertyDescriptor(owner, key)!);
      if (!descriptor.enumerable && descriptor.configurable && !SETTINGS.includes(key))
        this.members.push({
          owner,
          key,
          descriptor,
          value: heldBy(descriptor),
          name: typeof key === "symbol" ? `${name}[${key.description}]` : `${name}.${key}`,
        });
    }
  }
}

const heldBy = (descriptor: PropertyDescriptor): unknown =>
  hasOwn(descriptor, "value") ? descriptor.value : descriptor.get;

function currentOf({ key }: Original): unknown {
  try {
    return (globalThis as Record<PropertyKey, unknown>)[key];
  } catch {
    return undefined;
  }
}

/** Puts a value back. @returns false if a cell has made the property constant */
function putBack({ owner, key, descriptor }: Original): boolean {
  try {
    defineProperty(owner, key, descriptor);
    return true;
  } catch {
    return false;
  }
}

/** Appends without a setter that a cell may have added for the index. */
function append(list: string[], value: string): void {
  const descriptor = withoutPrototype({ value, writable: true, enumerable: true, configurable: true });
  defineProperty(list, list.length, descriptor);
}
