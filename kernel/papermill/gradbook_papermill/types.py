"""Checks of values against TypeScript types, as far as they are possible without the compiler, which checks the rest."""

from .declarations import LONGEST_TYPE, TOKEN, split


def fits(value, type_):
    """Whether a value fits a type. True also for types that are unknown here, such as names, and for very long types."""
    return len(type_) > LONGEST_TYPE or any(_fits_one(value, member.strip()) for member in split(type_, "|") if member.strip())


def _fits_one(value, type_):
    if type_.startswith("(") and type_.endswith(")"):
        return fits(value, type_[1:-1])
    if type_ == "number":
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    if type_ == "bigint":
        return isinstance(value, int) and not isinstance(value, bool)
    if type_ == "string":
        return isinstance(value, str)
    if type_ == "boolean":
        return isinstance(value, bool)
    if type_ in ("null", "undefined"):
        return value is None
    if type_ in ("true", "false"):
        return value is (type_ == "true")
    token = TOKEN.fullmatch(type_)
    if token and token.lastgroup == "string":
        return value == type_[1:-1]
    if token and type_.isdigit():
        return value == int(type_)
    items = _items_of(type_)
    if items is not None:
        return isinstance(value, (list, tuple)) and all(fits(item, items) for item in value)
    if type_.startswith("Record<string,") and type_.endswith(">"):
        inner = type_[len("Record<string,") : -1]
        return isinstance(value, dict) and all(fits(item, inner) for item in value.values())
    if type_.startswith("{") and type_.endswith("}"):
        return isinstance(value, dict)
    return True


def _items_of(type_):
    type_ = type_.removeprefix("readonly ").strip()
    if type_.endswith("[]"):
        return type_[:-2]
    for name in ("Array<", "ReadonlyArray<"):
        if type_.startswith(name) and type_.endswith(">"):
            return type_[len(name) : -1]
    return None
