"""A translator of papermill's parameters to TypeScript."""

import difflib
import json
import math
import re
from contextvars import ContextVar

from papermill.exceptions import PapermillException
from papermill.models import Parameter
from papermill.translators import Translator

from .declarations import Declaration, declarations
from .types import fits

#: Integers up to this are exact as JavaScript's numbers.
SAFE = 2**53 - 1

NO_PARAMETERS = (
    'The notebook has no cell with the tag "parameters", so it takes none: '
    "give that tag to the cell that declares them (let lr = 1e-3;)."
)

#: The parameters that papermill's --inject-paths gives to every notebook.
PATHS = ("PAPERMILL_INPUT_PATH", "PAPERMILL_OUTPUT_PATH")

#: papermill inspects the notebook's parameters right before it asks for the new ones' code; this is what it saw.
_declared = ContextVar("declared", default=None)


class ParameterError(PapermillException):
    """A parameter that the notebook does not declare, or that has another type there."""


class TypeScriptTranslator(Translator):
    @classmethod
    def translate_none(cls, val):
        return "null"

    @classmethod
    def translate_bool(cls, val):
        return "true" if val else "false"

    @classmethod
    def translate_int(cls, val):
        val = int(val)
        return str(val) if abs(val) <= SAFE else f"{val}n"

    @classmethod
    def translate_float(cls, val):
        if math.isfinite(val):
            return repr(float(val))
        return "NaN" if math.isnan(val) else "Infinity" if val > 0 else "-Infinity"

    @classmethod
    def translate_str(cls, val):
        # In double quotes nothing but backslash escapes has a meaning: no ${}.
        text = json.dumps(val, ensure_ascii=False)
        return re.sub("[\u007f-\u009f\u2028\u2029\ud800-\udfff]", lambda match: f"\\u{ord(match.group()):04x}", text)

    @classmethod
    def translate_list(cls, val):
        return f"[{', '.join(cls.translate(item) for item in val)}]"

    @classmethod
    def translate_dict(cls, val):
        return f"{{{', '.join(f'{cls.translate_key(str(key))}: {cls.translate(item)}' for key, item in val.items())}}}"

    @classmethod
    def translate_key(cls, key):
        # Without the brackets it would set the object's prototype.
        return '["__proto__"]' if key == "__proto__" else cls.translate_str(key)

    @classmethod
    def translate(cls, val):
        if isinstance(val, (tuple, set, frozenset)):
            return cls.translate_list(val)
        if hasattr(val, "isoformat"):
            return cls.translate_str(val.isoformat())
        if hasattr(val, "tolist"):
            return cls.translate(val.tolist())
        if not isinstance(val, (type(None), str, bool, int, float, dict, list)):
            return cls.translate_str(str(val))
        return super().translate(val)

    @classmethod
    def comment(cls, cmt_str):
        return f"// {cmt_str}".strip()

    @classmethod
    def inspect(cls, parameters_cell):
        found = declarations(parameters_cell["source"])
        _declared.set(found)
        return [Parameter(d.name, d.type or "None", d.default, d.help) for d in found]

    @classmethod
    def codify(cls, parameters, comment="Parameters"):
        declared = _declared.get()
        _declared.set(None)
        known = {name: Declaration(name, "string", False, "", "") for name in PATHS}
        given = {name: value for name, value in parameters.items() if name not in known}
        if given and declared is None:
            raise ParameterError(NO_PARAMETERS)
        check(given.items(), declared or [])
        known |= {d.name: d for d in declared or []}
        lines = [cls.statement(known[name], value) for name, value in parameters.items()]
        return "\n".join([cls.comment(comment), *lines, ""])

    @classmethod
    def statement(cls, declared, value):
        """Returns `let x: T = value;` with the declared type, without which an empty list would have no type."""
        annotation = declared.type if declared.annotated or (declared.type and value == []) else None
        code = cls.translate(value)
        if declared.type == "bigint" and not code.endswith("n"):
            code = f"{code}n"
        return f"let {declared.name}{f': {annotation}' if annotation else ''} = {code};"


def check(given, declared):
    """Checks pairs of name and value; a name may have several values.

    @raises ParameterError that names every problem once and lists the notebook's parameters
    """
    known = {d.name: d for d in declared}
    problems = dict.fromkeys(text for name, value in given if (text := problem(name, value, known)))
    if not problems:
        return
    listed = "\n".join(f"  {d}" for d in declared) or "  none"
    raise ParameterError("\n".join([*problems, "The notebook's parameters are:", listed]))


#: Levels of lists and mappings in a value; each takes several calls to write down.
MOST_LEVELS = 100


def is_too_deep(value):
    """Whether lists and mappings are nested too deep to be written."""
    level, depth = [value], 0
    while level and depth <= MOST_LEVELS:
        inner = (v.values() if isinstance(v, dict) else v for v in level if isinstance(v, (dict, list, tuple)))
        level, depth = [item for items in inner for item in items], depth + 1
    return bool(level)


def problem(name, value, known):
    if name not in known:
        near = difflib.get_close_matches(name, known, 1)
        hint = f' (did you mean "{near[0]}"?)' if near else ""
        return f'There is no parameter "{name}"{hint}.'
    if is_too_deep(value):
        return f"{name}: is nested more than {MOST_LEVELS} levels deep."
    type_ = known[name].type
    if type_ is None:
        return None
    if not fits(value, type_):
        found = shortened(TypeScriptTranslator.translate(value))
        return f"{name}: must be {type_}, but is {found}{spelling(name, value, type_)}."
    if type_ == "number" and isinstance(value, int) and abs(value) > SAFE:
        return f"{name}: {value} is more than a number holds exactly (2^53): declare it as bigint in the notebook."
    return None


def shortened(text):
    return text if len(text) <= 200 else f"{text[:100]}… ({len(text)} characters)"


def spelling(name, value, type_):
    """Returns how to write a value that papermill's command line took for another type."""
    if not isinstance(value, str):
        return " (for papermill: -r leaves a text as it is)" if fits("", type_) else ""
    try:
        meant = json.loads(value)
    except (ValueError, RecursionError):
        return ""
    if isinstance(meant, str) or is_too_deep(meant) or not fits(meant, type_):
        return ""
    return f" (for papermill: -y '{name}: {shortened(value)}')"
