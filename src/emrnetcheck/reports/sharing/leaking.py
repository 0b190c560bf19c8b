"""Is anything that had to go still there, in whatever form? Searched in every output before it is written."""

from __future__ import annotations

import base64
import binascii
import html
import ipaddress
import json
import re
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass

from emrnetcheck.reports import wording
from emrnetcheck.reports.sharing.pseudonyms import as_address

SHORTEST = 3
SHORTEST_PART = 4  # shorter syllables are in other words' company everywhere
_SHORTEST_CODED = 12  # in one piece within other letters: shorter ones come by chance
_EMBEDDED = re.compile(r"data:[\w/+.-]+;base64,([A-Za-z0-9+/=\s]+)")
_UNSEEN = re.compile(r"<(style|script)\b.*?</\1\s*>", re.DOTALL | re.IGNORECASE)
_SPOKEN_ATTRIBUTE = re.compile(r"\b(?:alt|title|aria-label|content)\s*=\s*\"([^\"]*)\"", re.IGNORECASE)
_TAG = re.compile(r"<[^>]*>")
_MAC = re.compile(r"(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Secrets:
    """whole: what was replaced. parts: the labels and words of names among it, as far as they tell something."""

    whole: frozenset[str]
    parts: frozenset[str]


def leaks(text: str, secrets: Secrets) -> frozenset[str]:
    """Those of the secrets that are in the text: plain, in another case, or as an output may write them."""
    raw = "\n".join((text, html.unescape(text), *_embedded(text))).casefold()
    seen = visible(text).casefold()
    whole = {
        secret
        for secret in secrets.whole
        # A bare word may be one of a page's own tags or styles: it counts where it is shown.
        if any(stands_in(seen if form.isalpha() else raw, form) for form in written(secret))
        or any(form in raw for form in coded(secret))
    }
    return frozenset(whole | {part for part in secrets.parts if stands_in(seen, part)})


def written(secret: str) -> frozenset[str]:
    """How an output may write it, in small letters, as a word of its own."""
    said = _plain(secret)
    for each in tuple(said):
        encoded = each.encode("utf-8", "replace")
        said |= {
            json.dumps(each)[1:-1],
            repr(each)[1:-1],
            html.escape(each),
            urllib.parse.quote(encoded),
            urllib.parse.quote_plus(encoded),
        }
    said |= set(_other_writings(secret))
    return frozenset(form.casefold() for form in said if len(form) >= SHORTEST)


def coded(secret: str) -> frozenset[str]:
    """How it may be within a longer piece of code, in small letters."""
    bytes_of = [each.encode("utf-8", "replace") for each in _plain(secret)]
    made = [each.hex() for each in bytes_of] + [base64.b64encode(each).decode("ascii").rstrip("=") for each in bytes_of]
    return frozenset(form.casefold() for form in made if len(form) >= _SHORTEST_CODED)


def _plain(secret: str) -> set[str]:
    return {secret, secret.strip(), wording.clean(secret), wording.ascii_only(wording.clean(secret))}


def _other_writings(secret: str) -> Iterator[str]:
    """Of an address or a hardware address."""
    address = as_address(secret)
    if address is not None:
        yield from (str(address), address.exploded, address.packed.hex(), str(int(address)))
        if isinstance(address, ipaddress.IPv4Address):
            octets = str(address).split(".")
            yield f"{int(address):#x}"
            for turned in (octets, octets[::-1]):  # as a provider names its customers' lines
                padded = [each.zfill(3) for each in turned]
                yield from (joint.join(turned) for joint in (".", "-", "x"))
                yield from (joint.join(padded) for joint in ("", ".", "-"))
            yield address.packed[::-1].hex()
    elif _MAC.fullmatch(secret):
        bare = re.sub(r"[:-]", "", secret)
        pairs = re.findall("..", bare)
        yield from (bare, ":".join(pairs), "-".join(pairs), ".".join(re.findall("....", bare)))


def parts(secret: str) -> frozenset[str]:
    """The labels of a name and the words of a text, in small letters: each of them may give somebody away."""
    if as_address(secret) is not None:
        return frozenset()
    bare = re.sub(r"^[a-z][a-z0-9+.-]*://", "", secret.casefold())
    names = [each for each in re.split(r"[\s/@:]+", bare) if each]
    labels = [label for name in names for label in (name.split(".")[:-1] if "." in name.strip(".") else [name])]
    pieces = {piece for label in labels for piece in (label, *re.split(r"[^\w]|_", label))}
    return frozenset(p for p in pieces if len(p) >= SHORTEST_PART and not re.fullmatch(r"[\d\W]*", p))


def stands_in(text: str, word: str) -> bool:
    """As a word of its own: "elm" is not in "helmet"."""
    return word in text and re.search(rf"(?<![^\W_]){re.escape(word)}(?![^\W_])", text) is not None


def _embedded(text: str) -> Iterator[str]:
    """What pictures and the like within a page hold as text."""
    for found in _EMBEDDED.finditer(text):
        try:
            yield base64.b64decode(found[1]).decode("latin-1")
        except (binascii.Error, ValueError):
            continue


def visible(text: str) -> str:
    """What a reader is shown or told of a page; a text that is no page, as it is."""
    if "</" not in text:
        return text
    spoken = " ".join(found[1] for found in _SPOKEN_ATTRIBUTE.finditer(text))
    return html.unescape(f"{_TAG.sub(' ', _UNSEEN.sub(' ', text))} {spoken}")
