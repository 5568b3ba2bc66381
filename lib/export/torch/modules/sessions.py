"""The sessions of a twin."""


def chosen(session):
    """Returns the numbers of the chosen sessions: of one, given by its name or its number, or of all (None)."""
    numbers = {name: number for number, name in enumerate(SESSIONS)}
    if session is None:
        return list(numbers.values())
    if session in numbers:
        return [numbers[session]]
    if session in numbers.values():
        return [session]
    raise ValueError(f"{session!r} is no session; use one of {', '.join(numbers)}, or its number from 0")
