/** A Python expression: a literal, a list of calls, a tuple of other expressions, or a call. */
export type Expression = number | string | boolean | readonly Expression[] | Call;

/** A call of a class or function of Python. */
export interface Call {
  readonly callee: string;
  readonly args: readonly Expression[];
  readonly kwargs: Readonly<Record<string, Expression>>;
}

/** The longest line of the Python file. */
const WIDTH = 100;
const INDENT = "    ";

/**
 * Returns the text of an expression: on one line if it fits, else with each argument of a call on a separate line.
 *
 * @param indent the indentation of the line on which the expression begins
 * @param before the number of characters before the expression on its line
 */
export function printed(expression: Expression, indent = "", before = 0): string {
  const line = inline(expression);
  if (typeof expression !== "object" || indent.length + before + line.length < WIDTH) return line;
  const [open, close] = bracketsOf(expression);
  const parts = isCall(expression)
    ? [...expression.args.map((arg) => ["", arg] as const), ...named(expression)]
    : expression.map((element) => ["", element] as const);
  const [[first, only] = ["", ""], ...others] = parts;
  // A single argument stays on the line of its call.
  if (others.length === 0)
    return `${open}${first}${printed(only, indent, before + open.length + first.length)}${close}`;
  const inner = indent + INDENT;
  const all = parts.map(([name, value]) => `${inner}${name}${printed(value, inner, name.length)},\n`);
  return `${open}\n${all.join("")}${indent}${close}`;
}

/** Returns the keyword arguments of a call, `name=` and the value. */
const named = ({ kwargs }: Call) =>
  Object.entries(kwargs).map(([name, value]) => [`${name}=`, value] as const);

/** Returns the texts before and after the elements of a call, a list of calls, or a tuple. */
function bracketsOf(expression: Call | readonly Expression[]): readonly [string, string] {
  if (isCall(expression)) return [`${expression.callee}(`, ")"];
  return isCall(expression[0]!) ? ["[", "]"] : ["(", ")"];
}

function inline(expression: Expression): string {
  if (typeof expression === "boolean") return expression ? "True" : "False";
  if (typeof expression === "string") return JSON.stringify(expression);
  if (typeof expression === "number") return String(expression);
  const elements = isCall(expression) ? expression.args : expression;
  const kwargs = isCall(expression) ? named(expression) : [];
  const all = [...elements.map(inline), ...kwargs.map(([name, value]) => `${name}${inline(value)}`)];
  const [open, close] = bracketsOf(expression);
  const comma = open === "(" && all.length === 1 ? "," : "";
  return `${open}${all.join(", ")}${comma}${close}`;
}

const isCall = (expression: Expression): expression is Call =>
  typeof expression === "object" && "callee" in expression;
