"""Where does the EMR send on to, and does anybody outside get there?"""

from __future__ import annotations

from emrnetcheck.evidence import Case
from emrnetcheck.evidence.address_class import AddressClass, address_class
from emrnetcheck.evidence.emr import Emr, Redirect
from emrnetcheck.model import Access, Fact, Finding
from emrnetcheck.profiles import Profile

_INSIDE = (AddressClass.PRIVATE, AddressClass.LOOPBACK, AddressClass.LINK_LOCAL)
_INSIDE_NAMES = (".local", ".lan", ".internal", ".localdomain", ".home.arpa")  # RFC 6762, RFC 8375, and usual ones
_OFFICE_ENDING = "_office"


def away(case: Case, seen: Emr, profile: Profile, facts: dict[str, Fact]) -> list[Finding]:
    """Where the last redirect leads, if it was not gone after."""
    last = seen.redirects[-1] if seen.redirects else None
    if last is None or last.followed:
        return []
    own = last.host in (seen.host.lower(), seen.address)
    told = facts | {"to": _place(last), "count": len(seen.redirects)}
    if own and last.port == seen.port and last.scheme == seen.scheme:
        return [Finding("emr.redirect_loop", told, "a page", f"{len(seen.redirects)} redirects")]
    return [Finding(_code(case, seen, last, profile, own=own), told, f"port {seen.port}", _place(last))]


def _code(case: Case, seen: Emr, last: Redirect, profile: Profile, *, own: bool) -> str:
    direct = case.site.access is Access.DIRECT
    if seen.host.lower() != last.host and _is_inside(last.host):
        if _comes_from_outside(case):
            return "emr.redirects_inside"
        # Another computer of the office was not looked at; the same one is where the EMR was to be.
        return "emr.redirects_inside_office" if own else "emr.redirects_elsewhere"
    if last.scheme == "http" and seen.scheme == "https":
        return "emr.redirects_unencrypted" + ("" if direct else _OFFICE_ENDING)
    if own:
        return "emr.redirects_port" + ("" if direct else _OFFICE_ENDING)
    # A sibling name does not count: beside a name of a DDNS provider are those of strangers.
    trusted = profile.kind is None or last.host.endswith("." + seen.host.lower())
    return "emr.redirects_to_login" if trusted and last.host else "emr.redirects_elsewhere"


def inside(case: Case, seen: Emr, facts: dict[str, Fact]) -> list[Finding]:
    """It was gone after, since in the office it is the same server."""
    if not _comes_from_outside(case):
        return []
    through = [to for to in seen.redirects if to.followed and to.host != seen.host.lower() and _is_inside(to.host)]
    return [Finding("emr.redirects_inside", facts | {"to": _place(to)}, seen.host, _place(to)) for to in through[:1]]


def _comes_from_outside(case: Case) -> bool:
    return case.site.access in (Access.DIRECT, Access.TUNNEL)


def _is_inside(host: str) -> bool:
    kind = address_class(host)
    if kind is not AddressClass.INVALID:
        return kind in _INSIDE
    return bool(host) and ("." not in host or host.endswith(_INSIDE_NAMES))


def _place(to: Redirect) -> str:
    host = f"[{to.host}]" if ":" in to.host else to.host
    usual = to.port == {"https": 443, "http": 80}.get(to.scheme)
    return f"{to.scheme}://{host}{'' if usual else f':{to.port}'}{to.path}" if to.host else to.path or "nowhere"
