"""What does a page look like, and where does a redirect lead? Pure: text in, facts out."""

from __future__ import annotations

import html
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from emrnetcheck.net.failures import clean
from emrnetcheck.profiles import FINGERPRINTS, Fingerprint, PageKind

_TITLE_MAX_CHARS = 120
_TITLE_READ_CHARS = 2000
_PATH_MAX_CHARS = 2000
_DEFAULT_PORT = {"https": 443, "http": 80}
_PASSWORD_FIELDS = ('type="password"', "type='password'", "type=password")


@dataclass(frozen=True, slots=True)
class Look:
    """What is seen of a page."""

    title: str
    kind: PageKind
    asks_password: bool


def look_at(start: bytes, realm: str) -> Look:
    """Of the first bytes of a page; realm: what it asks for by HTTP itself (WWW-Authenticate)."""
    text = start.decode("utf-8", errors="replace")
    lower = text.lower()
    title = title_of(text, lower)
    kind = next(
        (each.kind for each in FINGERPRINTS if _fits(each, title.lower(), lower, realm.lower())), PageKind.OTHER
    )
    return Look(title, kind, any(field in lower for field in _PASSWORD_FIELDS))


def _fits(fingerprint: Fingerprint, title: str, text: str, realm: str) -> bool:
    if fingerprint.realm:
        return fingerprint.realm in realm
    return fingerprint.title in f" {title}" and all(words in text for words in fingerprint.text)


def title_of(text: str, lower: str) -> str:
    """The page's title, safe to show; "" without one. Searched for once: no page can make it long."""
    begin = lower.find("<title")
    begin = text.find(">", begin) + 1 if begin >= 0 else 0
    end = lower.find("</title", begin)
    if begin == 0 or end < 0:
        return ""
    # Cleaned again: an entity may stand for a control character.
    return clean(
        html.unescape(clean(text[begin : min(end, begin + _TITLE_READ_CHARS)], _TITLE_READ_CHARS)), _TITLE_MAX_CHARS
    )


@dataclass(frozen=True, slots=True)
class Place:
    """Where a redirect leads. next_path: what to ask the same server for; None: it is another server or port."""

    scheme: str
    host: str
    port: int | None
    path: str
    next_path: str | None


def onward(location: str, *, scheme: str, names: tuple[str, ...], port: int, path: str) -> Place:
    """As place_of, but the same host by another scheme or at another port is gone on to as well."""
    place = place_of(location, scheme=scheme, names=names, port=port, path=path)
    if place.next_path is not None or place.scheme not in _DEFAULT_PORT or place.port is None:
        return place
    if place.host not in [name.lower().rstrip(".") for name in names]:
        return place
    return place_of(location, scheme=place.scheme, names=names, port=place.port, path=path)


def place_of(location: str, *, scheme: str, names: tuple[str, ...], port: int, path: str) -> Place:
    """names: what the server may be called; the first is what it was asked as."""
    own = f"[{names[0]}]" if ":" in names[0] else names[0]
    try:
        url = urlsplit(urljoin(f"{scheme}://{own}:{port}{path}", location.strip()))
        host = (url.hostname or "").rstrip(".")
        its_port = url.port or _DEFAULT_PORT.get(url.scheme)
    except ValueError:
        return Place("", "", None, clean(location), None)
    asked = f"{url.path or '/'}?{url.query}" if url.query else url.path or "/"
    same = url.scheme == scheme and host in [name.lower().rstrip(".") for name in names] and its_port == port
    shown = clean(url.path.partition(";")[0]) or "/"
    return Place(
        clean(url.scheme), clean(host), its_port, shown, asked if same and len(asked) <= _PATH_MAX_CHARS else None
    )
