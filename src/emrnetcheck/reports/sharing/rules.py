"""What becomes of one text, by the kind of its field?"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping

from emrnetcheck.reports.sharing.details import is_own_detail
from emrnetcheck.reports.sharing.fields import Kind, NotShareable
from emrnetcheck.reports.sharing.pseudonyms import Pseudonyms, as_address
from emrnetcheck.reports.sharing.scrub import Scrubber
from emrnetcheck.reports.sharing.words import AUTHORITIES, EVERYBODYS_FILES, MAKERS, SYSTEMS, is_word

_UNNAMED = "this clinic"  # what a report says of a clinic without a name in its settings
_SYSTEM = re.compile(rf"(?:{'|'.join(SYSTEMS)})(?: \d{{1,4}}(?:\.\d{{1,4}}){{0,2}})?")
_CARD = re.compile(
    r"(?:eth|wlan|tun|tap|wg|ppp|bond|utun|en|br|docker|virbr)\d{0,3}|(?:en|wl|ww)[ops]\d{1,3}[a-z0-9]{0,6}"
    r"|lo|Ethernet|Wi-Fi"
)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:Z|[+-]\d\d:?\d\d)?)?")
_IDENTITY = re.compile(r"(\d{8}T\d{6}Z)-([0-9a-f]{6})")


class Rules:
    """known_codes: the program's finding codes, and the ids of its checks."""

    def __init__(self, pseudonyms: Pseudonyms, scrubber: Scrubber, known_codes: Collection[str]) -> None:
        self._pseudonyms = pseudonyms
        self._scrubber = scrubber
        self._known_codes = known_codes
        self._by_kind: Mapping[Kind, Callable[[str], str]] = {
            Kind.WORD: lambda text: text if is_word(text) else pseudonyms.left_out(text, "other"),
            Kind.TEXT: scrubber.text,
            Kind.PLACE: pseudonyms.place,
            Kind.PLACES: lambda text: _places(text, pseudonyms, scrubber),
            Kind.SITE: self._site,
            Kind.MAC: lambda text: pseudonyms.thing("mac", text),
            Kind.FINGERPRINT: lambda text: pseudonyms.thing("fingerprint", text),
            Kind.PATH: pseudonyms.path,
            Kind.FILE: lambda text: text if EVERYBODYS_FILES.fullmatch(text) else pseudonyms.thing("file", text),
            Kind.INTERFACE: lambda text: text if _CARD.fullmatch(text) else pseudonyms.thing("card", text),
            Kind.MAKER: lambda text: self._one_of(MAKERS, text),
            Kind.ISSUER: lambda text: self._one_of(AUTHORITIES, text),
            Kind.MOMENT: self._moment,
            Kind.SYSTEM: self._system,
            Kind.IDENTITY: self._identity,
            Kind.CODE: self._code,
            Kind.PAST_CODE: lambda text: text if text in known_codes else pseudonyms.left_out(text),
            Kind.DETAIL: lambda text: text if is_own_detail(text) else pseudonyms.left_out(text),
            Kind.FOREIGN: pseudonyms.left_out,
        }

    def applied(self, kind: Kind, text: str) -> str:
        """What stays of it; "nothing" stays nothing."""
        return self._by_kind[kind](text) if text else text

    def _site(self, text: str) -> str:
        if text == _UNNAMED:
            return text
        # `client` calls the place by the EMR's name.
        is_place = as_address(text) is not None or ("." in text and " " not in text)
        return self._pseudonyms.place(text) if is_place else self._pseudonyms.thing("site", text)

    def _one_of(self, known: tuple[str, ...], text: str) -> str:
        """The well-known name that it begins with; what follows may be anything."""
        found = next((each for each in known if re.match(rf"{re.escape(each)}\b", text, re.IGNORECASE)), None)
        return found if found is not None else self._pseudonyms.left_out(text)

    def _moment(self, text: str) -> str:
        if _MOMENT.fullmatch(text) is None:
            return self._pseudonyms.left_out(text)
        self._scrubber.days.add(text[:10])
        return text

    def _system(self, text: str) -> str:
        found = _SYSTEM.match(text)
        return found[0] if found is not None else self._pseudonyms.left_out(text)

    def _identity(self, text: str) -> str:
        """Its time stays, which the report tells anyhow."""
        found = _IDENTITY.fullmatch(text)
        if found is None:
            return self._pseudonyms.left_out(text, "shared")
        self._pseudonyms.left_out(found[2])
        return f"{found[1]}-shared"

    def _code(self, text: str) -> str:
        if text not in self._known_codes:
            raise NotShareable("a code or the id of a check is none that this version knows")
        return text


def _places(text: str, pseudonyms: Pseudonyms, scrubber: Scrubber) -> str:
    """Addresses and names with words between them, which stay only where they are ours."""
    pieces = re.split(r"([\s,;@()]+)", text)
    return "".join(p if p == "" or n % 2 or scrubber.is_own(p) else pseudonyms.place(p) for n, p in enumerate(pieces))
