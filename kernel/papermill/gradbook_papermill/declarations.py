"""Parameters that a TypeScript cell declares: `let lr: number = 1e-3; // learning rate`."""

import re
from dataclasses import dataclass

TOKEN = re.compile(
    r"""(?P<comment>//[^\n]*|/\*.*?(?:\*/|\Z))
      | (?P<string>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`)
      | (?P<arrow>=>)
      | (?P<word>[\w$]+)
      | (?P<newline>\n)
      | (?P<space>[^\S\n]+)
      | (?P<mark>.)""",
    re.S | re.X,
)
BLANK = ("comment", "newline", "space")
OPEN, CLOSE = "([{", ")]}"
#: A line that ends or begins with one of these goes on.
GOES_ON = set("=|&+-*/%?:.<>,")


# The depth to which lists are read, and the largest length of types. Beyond these limits the type
# is unknown.
MOST_NESTED = 10
LONGEST_TYPE = 1000


@dataclass(frozen=True)
class Declaration:
    name: str
    #: As written, else what the default value implies; None when that cannot be told.
    type: str | None
    annotated: bool
    default: str
    help: str

    def __str__(self):
        text = f"{self.name}: {self.type or 'unknown'} = {self.default}"
        return f"{text}   {self.help}" if self.help else text


def declarations(source):
    """Returns all variables that the cell declares outside of blocks, in their order."""
    return list(_Reader(source).read())


def inferred_type(value, depth=0):
    """Returns the type of a literal; None for other expressions."""
    value = value.strip()
    if re.fullmatch(r"[-+]?(0[xob][\da-f_]+|(\d[\d_]*\.?\d*|\.\d+)(e[-+]?\d+)?|NaN|Infinity)", value, re.I):
        return "number"
    if re.fullmatch(r"-?\d[\d_]*n", value):
        return "bigint"
    if value in ("true", "false"):
        return "boolean"
    token = TOKEN.fullmatch(value)
    if token and token.lastgroup == "string":
        return "string"
    if value.startswith("[") and value.endswith("]") and depth < MOST_NESTED:
        items = {inferred_type(item, depth + 1) for item in split(value[1:-1], ",") if item.strip()}
        return f"{items.pop()}[]" if len(items) == 1 and None not in items else None
    return None


def split(text, separator):
    """Splits a text at marks outside of brackets and strings."""
    parts, depth = [""], 0
    for token in TOKEN.finditer(text):
        mark = token.group() if token.lastgroup == "mark" else ""
        depth += (mark and mark in OPEN + "<") and 1 or (mark and mark in CLOSE + ">") and -1 or 0
        if mark == separator and depth == 0:
            parts.append("")
        else:
            parts[-1] += token.group()
    return parts


class _Reader:
    def __init__(self, source):
        self.tokens = [(token.lastgroup, token.group()) for token in TOKEN.finditer(source)]
        self.at = 0

    def read(self):
        depth = 0
        while self.at < len(self.tokens):
            kind, text = self.tokens[self.at]
            self.at += 1
            if kind == "mark":
                depth += (text in OPEN) - (text in CLOSE)
            if kind == "word" and text in ("let", "const", "var") and depth == 0:
                yield from self.declarators()

    def declarators(self):
        while True:
            kind, name = self.next_of_any()
            if kind != "word":
                return  # A pattern, `let {a} = ...`, is no parameter.
            self.at += 1
            annotation = self.until("=,;", OPEN + "<", CLOSE + ">") if self.take(":") else ""
            default = self.until(",;", OPEN, CLOSE) if self.take("=") else ""
            more = self.take(",")
            type_ = annotation or inferred_type(default)
            yield Declaration(name, type_, annotation != "", default or "undefined", self.help())
            if not more:
                return

    def next_of_any(self):
        while self.at < len(self.tokens) and self.tokens[self.at][0] in BLANK:
            self.at += 1
        return self.tokens[self.at] if self.at < len(self.tokens) else (None, "")

    def take(self, mark):
        start = self.at
        if self.next_of_any() == ("mark", mark):
            self.at += 1
            return True
        self.at = start
        return False

    def until(self, marks, opening, closing):
        """Returns the text up to one of the marks, or to the end of a complete line, without comments."""
        text, depth = "", 0
        while self.at < len(self.tokens):
            kind, token = self.tokens[self.at]
            if depth == 0 and kind == "mark" and token in marks:
                break
            if depth == 0 and kind == "newline" and self.ends(text):
                break
            if kind == "mark":
                depth += (token in opening) - (token in closing)
            if kind != "comment":
                text += " " if kind == "newline" else token
            self.at += 1
        return re.sub(r" +", " ", text).strip()

    def ends(self, text):
        if not text.strip() or text.strip()[-1] in GOES_ON:
            return False
        following = next((self.tokens[i][1] for i in range(self.at, len(self.tokens)) if self.tokens[i][0] not in BLANK), "")
        return following[:1] not in GOES_ON

    def help(self):
        """Returns the comment at the end of the line."""
        for kind, token in self.tokens[self.at :]:
            if kind == "newline":
                return ""
            if kind == "comment":
                return token.strip("/* \t")
            if kind == "word":
                return ""
        return ""
