import type { Debugger, Runtime } from "node:inspector";
import type { Session } from "node:inspector/promises";
import type { DebugProtocol } from "@vscode/debugprotocol";

/** A group of references to values of the main thread, which are released together. */
export const GROUP = "debugger";
/** An expression for the functions of `show/variables.ts` in the main thread. */
const VIEW = 'globalThis[Symbol.for("gradbook.kernel")].variables';
/** The types of scopes that belong to the function at which the main thread is paused. */
const LOCAL = new Set(["local", "block", "catch", "with", "eval"]);

type List = () => Promise<DebugProtocol.Variable[]>;

/** The values of the main thread. Members of a value are read when the front end asks for them. */
export class Variables {
  /** The lists behind references, which count from 1. */
  private lists: List[] = [];
  /** Whether the front end shows the type of a variable beside its value. */
  showsTypes = true;

  constructor(private readonly session: Session) {}

  /** Forgets all references. Those of a paused call stack are not valid when the main thread goes on. */
  clear(): void {
    this.lists = [];
    this.session.post("Runtime.releaseObjectGroup", { objectGroup: GROUP }).catch(() => {});
  }

  /** Returns the scopes of a call frame, and the variables of the notebook. */
  scopes(frame: Debugger.CallFrame | undefined): DebugProtocol.Scope[] {
    const own = frame?.scopeChain.filter(({ type }) => LOCAL.has(type)) ?? [];
    const closures = frame?.scopeChain.filter(({ type }) => type === "closure" || type === "module") ?? [];
    const list = (scopes: Debugger.Scope[]) => this.refer(() => this.ofScopes(scopes, frame));
    return [
      ...(frame ? [{ name: "Locals", variablesReference: list(own), expensive: false }] : []),
      ...(closures.length ? [{ name: "Closure", variablesReference: list(closures), expensive: false }] : []),
      { name: "Globals", variablesReference: this.refer(() => this.globals()), expensive: false },
    ];
  }

  /** Returns the variables behind a reference. */
  async list(reference: number): Promise<DebugProtocol.Variable[]> {
    const list = this.lists[reference - 1];
    if (!list)
      throw new Error(`there is no variable with the reference ${reference}: the cell has gone on since`);
    return list();
  }

  /** Returns the variables that cells have declared. */
  async globals(): Promise<DebugProtocol.Variable[]> {
    const { result } = await this.session.post("Runtime.evaluate", {
      expression: `${VIEW}.ofNotebook()`,
      objectGroup: GROUP,
    });
    return this.ofObject(result);
  }

  /** Returns the value of an expression as text, with a reference to its members. */
  async shown(value: Runtime.RemoteObject): Promise<Omit<DebugProtocol.Variable, "name">> {
    const [variable] = await this.described([{ name: "", value }]);
    return variable!;
  }

  /** Returns the forms of a value that a front end can show. */
  async bundle(value: Runtime.RemoteObject): Promise<Record<string, unknown>> {
    const { result, exceptionDetails } = await this.session.post("Runtime.callFunctionOn", {
      functionDeclaration: `function (value) { return ${VIEW}.bundle(value); }`,
      arguments: [argument(value)],
      executionContextId: 1,
      returnByValue: true,
      silent: true,
    });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value as Record<string, unknown>;
  }

  private refer(list: List): number {
    return this.lists.push(list);
  }

  /** The innermost scope comes first, and hides names of the others. */
  private async ofScopes(
    scopes: Debugger.Scope[],
    frame?: Debugger.CallFrame,
  ): Promise<DebugProtocol.Variable[]> {
    const lists = await Promise.all(
      scopes.map(({ object }) => this.properties(object.objectId!, UNINITIALIZED)),
    );
    const named = new Map(lists.reverse().flatMap((list) => list.map((one) => [one.name, one] as const)));
    const isLocal = scopes.some(({ type }) => type === "local");
    if (isLocal && frame && frame.this.type !== "undefined" && frame.this.className !== "global")
      named.set("this", { name: "this", value: frame.this });
    return this.described([...named.values()]);
  }

  private async ofObject({ objectId }: Runtime.RemoteObject): Promise<DebugProtocol.Variable[]> {
    return objectId ? this.described(await this.properties(objectId)) : [];
  }

  /** Returns the elements of a collection or tensor, or the properties of another object. */
  private async members(object: Runtime.RemoteObject): Promise<DebugProtocol.Variable[]> {
    const { result } = await this.session.post("Runtime.callFunctionOn", {
      functionDeclaration: `function () { return ${VIEW}.elementsOf(this); }`,
      objectId: object.objectId!,
      objectGroup: GROUP,
      silent: true,
    });
    return this.ofObject(result.objectId ? result : object);
  }

  /** @param absent stands for a property without a value */
  private async properties(objectId: string, absent = GETTER): Promise<Named[]> {
    const found = await this.session.post("Runtime.getProperties", { objectId, ownProperties: true });
    const { result, privateProperties = [] } = found as typeof found & {
      privateProperties?: { name: string; value?: Runtime.RemoteObject }[];
    };
    return [...result, ...privateProperties]
      .filter(({ name }) => name !== "__proto__")
      .map(({ name, value }) => ({ name, value: value ?? absent }));
  }

  private async described(all: readonly Named[]): Promise<DebugProtocol.Variable[]> {
    const objects = all.flatMap(({ value }) => (value.objectId ? [value] : []));
    const texts = new Map<string, string>();
    if (objects.length) {
      const { result } = await this.session.post("Runtime.callFunctionOn", {
        functionDeclaration: `function (...values) { return ${VIEW}.describe(values); }`,
        arguments: objects.map(argument),
        objectId: objects[0]!.objectId!,
        returnByValue: true,
        silent: true,
      });
      if (Array.isArray(result.value))
        for (const [i, { objectId }] of objects.entries()) texts.set(objectId!, String(result.value[i]));
    }
    return all.map(({ name, value }) => ({
      name,
      value: (value.objectId && texts.get(value.objectId)) ?? primitive(value),
      ...(this.showsTypes && { type: value.className ?? value.type }),
      variablesReference: value.objectId ? this.refer(() => this.members(value)) : 0,
    }));
  }
}

interface Named {
  name: string;
  value: Runtime.RemoteObject;
}

/** A getter is not called, because it may have effects. */
const GETTER: Runtime.RemoteObject = { type: "undefined", description: "(getter)" };

/** A variable whose declaration the function has not reached. */
const UNINITIALIZED: Runtime.RemoteObject = { type: "undefined", description: "(not initialized)" };

const argument = ({ objectId, value, unserializableValue }: Runtime.RemoteObject): Runtime.CallArgument =>
  objectId ? { objectId } : unserializableValue ? { unserializableValue } : { value };

function primitive({ type, subtype, value, unserializableValue, description }: Runtime.RemoteObject): string {
  if (type === "string") return JSON.stringify(value);
  if (subtype === "null") return "null";
  return unserializableValue ?? description ?? String(value);
}
