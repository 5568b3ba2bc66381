"""The sessions of a twin."""


def chosen(session):
    """Returns the numbers of the chosen sessions: of one, given by its name or its number, or of all (None)."""
    names = list(SESSIONS)
    if session is None:
        return range(len(names))
    return [names.index(session) if isinstance(session, str) else session]
