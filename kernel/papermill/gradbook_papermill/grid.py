"""Parameters of a command line, and all their combinations."""

import itertools
import json
import math

from .declarations import split
from .translator import ParameterError, check
from .types import fits


def grid(pairs, declared):
    """Returns every combination of `[name, "a,b,c"]` pairs, the last one changing fastest, each as {name: (text, value)}.

    @raises ParameterError for names and values that the notebook does not take
    """
    types = {d.name: d.type for d in declared}
    columns = [
        (name, [(part.strip(), read(part.strip(), types.get(name))) for part in split(text, ",")]) for name, text in pairs
    ]
    points = [
        dict(zip([name for name, _ in columns], values)) for values in itertools.product(*[v for _, v in columns])
    ]
    check(((name, value) for name, values in columns for _, value in values), declared)
    return points


def read(text, type_):
    """Returns the value of a word by its declared type: `5` is a text where a string is declared."""
    value = _literal(text)
    if type_ is not None and not fits(value, type_) and fits(text, type_):
        return text
    return value


def _literal(text):
    words = {"true": True, "false": False, "null": None, "NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
    if text in words:
        return words[text]
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        return text[1:-1]
    for parse in (int, float, json.loads):
        try:
            return parse(text)
        except ValueError:
            pass
        except RecursionError:
            raise ParameterError(f"{text[:20]}…: brackets are nested too deep.") from None
    return text
