"""Which addresses and names of the office are known, so that a mail can be kept free of the first?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from emrnetcheck.model import Site
    from emrnetcheck.model.mail import Own
    from emrnetcheck.model.mail_settings import MailSettings

_AS_FAR_BACK = timedelta(days=15)  # a weekly mail tells of two weeks


def own_of(site: Site, mail: MailSettings, now: datetime) -> Own:
    """From the settings and the history. What cannot be read there is not known: a mail is written all the same."""
    from emrnetcheck.cli.keeping import place
    from emrnetcheck.evidence.address_class import AddressClass, address_class
    from emrnetcheck.model.mail import Own
    from emrnetcheck.store import StoreError

    found = [site.wan_address]
    try:
        found += _seen(place(site), site.name, now - _AS_FAR_BACK)
    except StoreError:
        pass
    outside = (AddressClass.PUBLIC, AddressClass.DOCUMENTATION)  # the second: in laboratories
    addresses = dict.fromkeys(each for each in found if each is not None and address_class(each) in outside)
    domains = (each.rpartition("@")[2] for each in (mail.sender, *mail.to))
    names = dict.fromkeys(each for each in (site.hostname, mail.server.host, *domains) if each)
    return Own(tuple(addresses), tuple(names))


def _seen(where: Path | str, name: str, since: datetime) -> Iterator[str | None]:
    """In each run of these days; of IPv6 in the newest, since no line of the history has it."""
    from emrnetcheck.store.asked import Wanted
    from emrnetcheck.store.reading import kept_report, kept_runs

    rows = kept_runs(where, Wanted(site=name, vantage="host", since=since), left_out=lambda _: None)
    yield from (row.public_v4 for row in rows)
    for row in rows[:1]:
        yield from _in_report(kept_report(where, row.id))


def _in_report(text: str) -> tuple[str, ...]:
    try:
        seen = json.loads(text)["evidence"]["address"]
        told = [seen.get(name) for name in ("public_v4", "public_v6", "wan_v4", "local_v6")]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return ()
    return tuple(each for each in told if isinstance(each, str))
