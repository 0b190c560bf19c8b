"""What stays of a sentence? The program's own words, numbers, and pseudonyms; whatever else there is becomes ***."""

from __future__ import annotations

import re
import string
from collections.abc import Iterable, Sequence
from functools import cache

from emrnetcheck.reports.sharing.leaking import stands_in
from emrnetcheck.reports.sharing.pseudonyms import Pseudonyms, as_address
from emrnetcheck.reports.sharing.words import (
    EVERYBODYS_FILES,
    EVERYBODYS_PATHS,
    EVERYBODYS_PLACES,
    KEPT,
    is_word,
    words_in,
)

LEFT_OUT = "***"
MOST_DIGITS = 8  # more of them, in one piece or in several that belong together, may be a telephone number
_URL = r"""[A-Za-z][A-Za-z0-9+.-]*://[^\s"'<>(),]+"""
_TOKEN = re.compile(
    rf"""
      (?P<url>{_URL})
    | (?P<mac>(?<![0-9A-Fa-f:-])(?:[0-9A-Fa-f]{{2}}[:-]){{5}}[0-9A-Fa-f]{{2}}(?![0-9A-Fa-f:-]))
    | (?P<address>
        (?<![\w.:])(?:[0-9A-Fa-f]{{0,4}}:){{2,7}}[0-9A-Fa-f.]*(?:%\w+)?
      | (?<![\w.])\d{{1,3}}(?:\.\d{{1,3}}){{3}}(?![\w.]*\w)
      )
    | (?P<file>(?<![\w/])(?:[A-Za-z]:)?[\\/][\w.@~$-]+(?:[\\/][\w.@~$-]*)+)
    | (?P<hex>(?<!\w)(?:[0-9A-Fa-f]{{2}}:?){{16,}}(?!\w))
    | (?P<name>[\w*-]+(?:[.@][\w-]+)*[.@][^\W\d_][\w-]+)
    | (?P<word>[^\W\d][\w'’+-]*)
    | (?P<day>(?<![\d-])\d{{4}}-\d\d-\d\d(?![\d-]))
    | (?P<number>\d[\d.,]*)
    | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_JOINS = frozenset(" .+-()/:\u00a0\u2013")
_JOINS_MAX = 3  # of them between two numbers
_TIME = re.compile(r"\d{1,2}(?::\d\d){1,2}(?:\.\d{1,6})?")
_EXAMPLE = re.compile(r"\bexample\b")  # somebody's real name may look like one
_PLAIN = re.compile(r"""[\s.,;:!?()\[\]'"’‘“”%+*/<>=&|~…–—×-]""")
WORDS_ALONE = re.compile(r"[^\W\d_]+(?:[ '’-][^\W\d_]+)*")
_PARTS = re.compile(r"[-_'’+]")
_ENDINGS = ("'s", "’s")


class Scrubber:
    """own_words: words that tell nothing, in small letters. own_names: words with dots that are ours, such as codes.

    said: all that the program says by itself.
    """

    def __init__(
        self, pseudonyms: Pseudonyms, own_words: frozenset[str], own_names: frozenset[str], said: Iterable[str] = ()
    ) -> None:
        self.pseudonyms = pseudonyms
        self._said = "\n".join(said).casefold()
        self._own_words = own_words
        self._own_names = own_names
        self._own_names_low = frozenset(name.casefold() for name in own_names)
        self._known: re.Pattern[str] | None = None
        self._known_as: dict[str, str] = {}
        self.days: set[str] = set()
        """As 2026-11-24: those that the report holds as such. Any other may be somebody's birthday."""
        self.everywhere = set(words_in(*KEPT))
        """In small letters: words that stand in any report, such as the names of facts and of systems."""

    def know(self) -> None:
        """Everything that has a pseudonym by now is replaced wherever it stands in a text, as a whole, from now on."""
        told = {
            text.lower(): pseudonym for text, pseudonym in self.pseudonyms.originals.items() if self.is_telling(text)
        }
        self._known_as = told
        longest_first = sorted(told, key=len, reverse=True)
        pieces = "|".join(re.escape(text) for text in longest_first)
        whole = rf"|(?<!\w)(?:{pieces})(?!\w)" if pieces else ""
        self._known = re.compile(rf"(?P<url>{_URL}){whole}", re.IGNORECASE)

    def is_telling(self, text: str) -> bool:
        """Whether this would tell something of the clinic: not a word of ours, nor a letter.

        A clinic called "Linux" or "Main figures" is masked where its name stands, and no other "Linux" is its name.
        """
        bare = text.strip()
        return len(bare) > 2 and not self.is_own(bare) and not self._is_everywhere(bare.casefold())  # noqa: PLR2004 (a letter or two are everywhere)

    def _is_everywhere(self, low: str) -> bool:
        """Whether any clinic's report may hold it. An address in our advice is an example, and may be somebody's."""
        if low in self.everywhere or low in self._own_names_low:
            return True
        return WORDS_ALONE.fullmatch(low) is not None and stands_in(self._said, low)

    def is_own(self, word: str) -> bool:
        """Whether every part of a word is ours."""
        if word in self._own_names or is_word(word) or len(word) == 1:
            return True
        low = word.lower()
        for ending in _ENDINGS:
            low = low.removesuffix(ending)
        return low in self._own_words or all(
            part in self._own_words or part.isdecimal() for part in _PARTS.split(low) if part
        )

    def text(self, text: str) -> str:
        """The sentence, with nothing in it but what is ours."""
        pieces: list[str] = []
        at = 0
        for known in self._known.finditer(text) if self._known is not None else ():
            pieces += [self._tokens(text[at : known.start()]), self._instead(known)]
            at = known.end()
        pieces.append(self._tokens(text[at:]))
        return re.sub(r"\*{3}(?:[\s.,:;/-]*\*{3})+", LEFT_OUT, "".join(pieces))

    def own(self, template: str) -> str:
        """One of our own sentences: an address that stands in it as an example may be the clinic's, too."""
        made = []
        for said, name, form, conversion in string.Formatter().parse(template):
            known = said if self._known is None else self._known.sub(self._instead, said)
            made.append(known.replace("{", "{{").replace("}", "}}"))
            if name is not None:
                made.append(f"{{{name}{f'!{conversion}' if conversion else ''}{f':{form}' if form else ''}}}")
        return "".join(made)

    def _instead(self, known: re.Match[str]) -> str:
        return self._url(known[0]) if known["url"] else self._known_as.get(known[0].lower(), LEFT_OUT)

    def _tokens(self, text: str) -> str:
        tokens = list(_TOKEN.finditer(text))
        too_long = _long_runs(tokens)
        return "".join(
            f"{LEFT_OUT}{found[0][len(found[0].rstrip('.,')) :]}" if number in too_long else self._token(found)
            for number, found in enumerate(tokens)
        )

    def _token(self, found: re.Match[str]) -> str:
        token, kind = found[0], found.lastgroup
        if kind == "word":
            return token if self.is_own(token) else LEFT_OUT
        if kind == "number":
            return token  # but for those of `_long_runs`
        if kind == "day":
            return token if token in self.days else LEFT_OUT
        if kind == "other":
            return token if _PLAIN.match(token) else LEFT_OUT
        if kind == "url":
            return self._url(token)
        if kind == "mac":
            return self.pseudonyms.thing("mac", token)
        if kind == "hex":
            return self.pseudonyms.thing("fingerprint", token)
        if kind == "file":
            bare = token.rstrip(".")
            known = bare in EVERYBODYS_PATHS or EVERYBODYS_FILES.fullmatch(bare)
            return token if known else self.pseudonyms.thing("file", bare) + token[len(bare) :]
        if kind == "address":
            return self._address(token)
        return self._name(token)

    def _url(self, token: str) -> str:
        bare = token.rstrip(".:!?")
        return self.pseudonyms.place(bare) + token[len(bare) :]

    def _address(self, token: str) -> str:
        bare = token.rstrip(".:") if as_address(token) is None else token
        if as_address(bare) is not None:
            return self.pseudonyms.address(bare) + token[len(bare) :]
        return token if _TIME.fullmatch(bare) else LEFT_OUT

    def _name(self, token: str) -> str:
        if token in self._own_names or token.lower() in EVERYBODYS_PLACES or is_word(token):
            return token
        return LEFT_OUT if "@" in token else self.pseudonyms.name(token)


def _long_runs(tokens: Sequence[re.Match[str]]) -> frozenset[int]:
    """Which tokens are numbers that have too many digits, together with those beside them: "416 555-0199"."""
    runs: list[list[int]] = []
    joined = 0
    for at, found in enumerate(tokens):
        if found.lastgroup == "number":
            if runs and at - runs[-1][-1] - 1 == joined <= _JOINS_MAX:
                runs[-1].append(at)
            else:
                runs.append([at])
            joined = 0
        elif found[0] in _JOINS:
            joined += 1
        else:
            joined = _JOINS_MAX + 1
    return frozenset(
        at for run in runs if sum(c.isdigit() for at in run for c in tokens[at][0]) > MOST_DIGITS for at in run
    )


@cache  # always of the same few sentences
def names_in(*texts: str) -> frozenset[str]:
    """The words with dots in them of these texts, such as server.xml; the holes of templates are none."""
    bare = (re.sub(r"\{[^}]*\}", " ", text) for text in texts)
    found = (each for text in bare for each in _TOKEN.finditer(text) if each.lastgroup == "name")
    return frozenset(each[0] for each in found if not _EXAMPLE.search(each[0]))
