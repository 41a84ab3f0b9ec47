"""How a name stands in a text: as it is, or in quotes where it could be read as a number or a statement."""

from __future__ import annotations

from user_intel.explain import lexicon, numbers

# A name that is one of these words is only a name in quotes.
_MEANING = (lexicon.COUNTED, lexicon.DIRECTION, lexicon.CAUSE, lexicon.CAUSE_IN_STATEMENTS, lexicon.GUESS, lexicon.PER)


def can_be_spoken(form: str) -> bool:
    """Whether a name may stand in a text without quotes."""
    if not any(letter.isalpha() for letter in form) and form != "/":
        return False
    if set('"“”«»`') & set(form) or form.startswith("'"):
        return False
    if form.startswith(("/", "$")) or "=" in form or ("_" in form and " " not in form):
        return True
    return not numbers.read(form) and not any(words.fullmatch(form) for words in _MEANING)


def spoken(name: str) -> str:
    """A name as a text says it; within quotes it has none of its own."""
    return name if can_be_spoken(name) else f'"{unquoted(name)}"'


def unquoted(name: str) -> str:
    """The name with other quotes in place of its own."""
    return name.replace('"', "'")
