import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../base/files/package";

/** The folder of the Python files whose classes and functions an exported file consists of. */
const MODULES = join(packageRoot(), "lib", "export", "torch", "modules");

/** A class or a function of these files. */
interface Definition {
  readonly name: string;
  readonly text: string;
}

/** The imports of an exported file, by the names that they define. */
const IMPORTS = {
  json: "import json",
  OrderedDict: "from collections import OrderedDict",
  Path: "from pathlib import Path",
  torch: "\nimport torch",
  F: "import torch.nn.functional as F",
  nn: "from torch import nn",
} as const;

/**
 * Returns a Python file that contains a text, the classes and functions that it uses, directly or through others, and their imports.
 *
 * @param header the file's docstring and constants that follow the imports
 * @param text classes that use the definitions
 */
export function linked(header: { docstring: string; constants: string }, text: string): string {
  const definitions = readDefinitions();
  const needed = new Set<string>();
  const visit = (code: string) => {
    for (const word of wordsOf(code)) {
      const found = definitions.get(word);
      if (!found || needed.has(word)) continue;
      needed.add(word);
      visit(found.text);
    }
  };
  visit(text);
  visit(LOADER);
  const used = [...definitions.values()].filter(({ name }) => needed.has(name));
  const [loading, parts] = [
    used.filter(({ name }) => LOADING.has(name)),
    used.filter(({ name }) => !LOADING.has(name)),
  ];
  const code = [
    header.constants,
    ...parts.map((part) => part.text),
    text,
    ...loading.map((part) => part.text),
  ];
  const body = code.join("\n\n\n");
  const words = wordsOf(body);
  const imports = Object.entries(IMPORTS).flatMap(([name, line]) => (words.has(name) ? [line] : []));
  return `"""\n${header.docstring}\n"""\n\n${imports.join("\n").trim()}\n\n${body}\n`;
}

/** The function that loads the model, and what it needs; they follow the model. */
const LOADER = "load";
const LOADING = new Set(["read_safetensors", LOADER]);

/** Returns the names in a Python text, without attributes of other objects. */
const wordsOf = (code: string) => new Set(code.match(/(?<![\w.])[A-Za-z_]\w*/g));

/** Reads the definitions of all files by name. */
function readDefinitions(): Map<string, Definition> {
  const files = readdirSync(MODULES).filter((file) => file.endsWith(".py"));
  const texts = files.sort().map((file) => readFileSync(join(MODULES, file), "utf8"));
  return new Map(texts.flatMap(definitionsIn).map((definition) => [definition.name, definition]));
}

/** Returns the classes and functions of a Python file in their order. */
export function definitionsIn(python: string): Definition[] {
  return python
    .split(/\n(?=class |def )/)
    .slice(1)
    .map((text) => ({ name: /^(?:class|def) (\w+)/.exec(text)![1]!, text: text.trimEnd() }));
}
