"""Which finding codes are meant by a word that is none?"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

_MOST = 3
_NEAR = 0.7
_FINE = ".ok"  # nobody looks up that all is well


def no_such_code(word: str, known: Iterable[str]) -> str:
    """One sentence for somebody who typed a code that is not there, with the nearest ones."""
    from emrnetcheck.reports.wording import clean

    hint = _hint(word.strip().lower(), [code for code in known if not code.endswith(_FINE)])
    return f"There is no code {clean(word)[:60]}. {hint}"


def _hint(word: str, known: list[str]) -> str:
    """Of a check that is there, its own codes alone: the name of another check's may be near and mean another thing."""
    check, _, said = word.partition(".")
    of_check = {code.partition(".")[2]: code for code in known if code.startswith(f"{check}.")}
    near = [of_check[each] for each in difflib.get_close_matches(said, list(of_check), n=_MOST, cutoff=_NEAR)]
    if of_check and not near:
        return f"Those of {check} are {', '.join(of_check.values())}."
    near = near or difflib.get_close_matches(word, known, n=_MOST, cutoff=_NEAR)
    return f"Did you mean {', '.join(near)}?" if near else "`emrnetcheck checks` lists them all."
