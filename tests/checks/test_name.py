"""What is said of the EMR's name, seen from a computer that uses the EMR."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from emrnetcheck.checks.name import CHECK
from emrnetcheck.evidence import Case
from emrnetcheck.evidence.lookups import Lookups
from emrnetcheck.evidence.names import AddressTry
from emrnetcheck.model import Failure, FailureKind
from tests.checks.builders import OLD, PUBLIC, TIMEOUT, Row, codes_of, judged, row
from tests.checks.client_builders import (
    CLINIC,
    HALF_DEAD,
    HERE_ROUTER,
    NOT_FOUND,
    NOWHERE,
    STALE,
    WITNESS,
    elsewhere,
    fetched,
    half_dead,
    limited,
    lookups,
    mute,
    office,
    pages,
    said,
    series,
    way,
)

SIX = "2600:1f18::10"
INSIDE = "192.168.2.10"
DEAD_SERVER = lookups(answers=(mute(HERE_ROUTER), said("9.9.9.9", PUBLIC, kind="own"), said(WITNESS, PUBLIC)))

REFUSED = Failure(FailureKind.REFUSED, "connect", OLD)
LATE = Failure(FailureKind.OUT_OF_TIME, "connect", OLD)
STRANGER: dict[str, Any] = {"fingerprint_sha256": "cd" * 32, "trusted": False}
VPN = "10.8.0.10"
MONTHS_OLD = replace(CLINIC, age_s=90 * 86_400.0)


def split_names(*, opens: bool = True) -> Lookups:
    return lookups(
        VPN,
        answers=(said("10.8.0.1", VPN, kind="own"), said(WITNESS, PUBLIC)),
        tried=(AddressTry(VPN, 8443, opens, None if opens else TIMEOUT), AddressTry(PUBLIC, 8443, True, None)),
    )


def split(**changes: Any) -> Case:
    """A VPN's own name server gives a private address, which opens; everybody else names the clinic's."""
    seen: dict[str, Any] = {
        "lookups": split_names(),
        "way": way(server=series(VPN, 40.0, sent=80), emr_address=VPN),
        "pages": pages(address=VPN),
        "clinic": CLINIC,
    }
    return elsewhere(**{**seen, **changes})


TABLE = [
    row("a VPN, the clinic's certificate", split(), "name.not_the_clinics"),
    row(
        "a VPN, no TLS", split(pages=pages(address=VPN, fingerprint_sha256=None, trusted=None)), "name.not_the_clinics"
    ),
    row(
        "a private address of somebody else's portal",
        split(pages=pages(address=VPN, **STRANGER)),
        "name.wrong",
        "name.old_at",
    ),
    row(
        "a private address that does not open, and the clinic's does",
        split(lookups=split_names(opens=False), pages=None),
        "name.wrong",
        "name.old_at",
    ),
    row(
        "a report 90 days old, address and certificate renewed",
        elsewhere(
            lookups=lookups(OLD, answers=(said(HERE_ROUTER, OLD, kind="own"), said(WITNESS, OLD))),
            pages=pages(address=OLD, **STRANGER),
            clinic=MONTHS_OLD,
        ),
        "name.not_the_clinics",
    ),
    row(
        "a certificate renewed since, trusted for the name",
        elsewhere(
            lookups=lookups(OLD, answers=(said(HERE_ROUTER, OLD, kind="own"), said(WITNESS, OLD))),
            pages=pages(address=OLD, fingerprint_sha256="cd" * 32),
            clinic=CLINIC,
        ),
        "name.not_the_clinics",
    ),
    row(
        "trusted for where it sent us only",
        elsewhere(
            lookups=lookups(OLD),
            pages=pages(address="62.1.1.1", host="parked.example.net", fingerprint_sha256="cd" * 32),
            clinic=CLINIC,
        ),
        "name.wrong",
    ),
    row(
        "the address that it had before, by a report of a day",
        elsewhere(lookups=replace(STALE, tried=()), pages=None, clinic=replace(CLINIC, age_s=86_400.0)),
        "name.wrong",
        "name.old_at",
    ),
    row(
        "and by one a second older",
        elsewhere(lookups=replace(STALE, tried=()), pages=None, clinic=replace(CLINIC, age_s=86_401.0)),
        "name.not_the_clinics",
    ),
    row(
        "by one of tomorrow",
        elsewhere(lookups=replace(STALE, tried=()), pages=None, clinic=replace(CLINIC, age_s=-86_401.0)),
        "name.not_the_clinics",
    ),
    row("all well", elsewhere(), "name.ok"),
    row("the clinic's own address", elsewhere(clinic=CLINIC), "name.ok"),
    row("300 ms", elsewhere(lookups=lookups(ms=300.0)), "name.ok"),
    row("301 ms", elsewhere(lookups=lookups(ms=301.0)), "name.slow"),
    row("fetched anew in 300 ms", elsewhere(lookups=fetched(300.0, 20.0, 900.0)), "name.ok"),
    row("fetched anew in 301 ms", elsewhere(lookups=fetched(301.0, 301.0)), "name.slow_anew"),
    row("fetched anew once, late", elsewhere(lookups=fetched(2000.0)), "name.ok"),
    row("found at times", elsewhere(lookups=lookups(system_failure=TIMEOUT)), "name.at_times"),
    row("301 ms, limit 310", elsewhere(limited("name", name_ms=310), lookups=lookups(ms=301.0)), "name.ok"),
    row("an old address", elsewhere(lookups=STALE), "name.wrong", "name.old_at"),
    row("an old address, in a hosts file", elsewhere(lookups=replace(STALE, answers=STALE.answers[1:])), "name.wrong"),
    row("not found", elsewhere(lookups=NOT_FOUND), "name.not_found"),
    row(
        "not found by anybody",
        elsewhere(lookups=replace(NOT_FOUND, answers=(said(HERE_ROUTER, kind="own"), said(WITNESS)))),
        "name.not_found",
    ),
    row("one of two name servers is dead", elsewhere(lookups=DEAD_SERVER), "name.server_dead"),
    row(
        "the clinic had another address then",
        elsewhere(clinic=replace(CLINIC, public_v4="93.184.216.77", fingerprints=())),
        "name.not_the_clinics",
    ),
    row(
        "another machine at an address that the clinic had",
        elsewhere(lookups=lookups(OLD), pages=pages(**STRANGER), clinic=CLINIC),
        "name.wrong",
    ),
    row(
        "another machine, and nobody to ask",
        elsewhere(
            lookups=lookups(OLD, answers=(said(HERE_ROUTER, OLD, kind="own"),)),
            pages=pages(**STRANGER),
            clinic=CLINIC,
        ),
        "name.other_machine",
    ),
    row(
        "two addresses, and both answer",
        elsewhere(
            lookups=replace(STALE, tried=(AddressTry(OLD, 8443, True, None), AddressTry(PUBLIC, 8443, True, None)))
        ),
        "name.ok",
    ),
    row("two addresses, and one does not answer", elsewhere(lookups=HALF_DEAD), "name.dead_address"),
    row(
        "in the office, and the router does not lead back to the public one",
        office(lookups=half_dead(PUBLIC, INSIDE), way=way(inside=True, emr_address=INSIDE)),
        "name.ok",
    ),
    row(
        "two addresses, and one is of the office network",
        elsewhere(lookups=half_dead(INSIDE, PUBLIC)),
        "name.dead_address",
    ),
    row(
        "two addresses, and one refuses",
        elsewhere(lookups=replace(HALF_DEAD, tried=(AddressTry(OLD, 8443, False, REFUSED), HALF_DEAD.tried[1]))),
        "name.dead_address",
    ),
    row(
        "two addresses, and whether one answers could not be tried",
        elsewhere(lookups=replace(HALF_DEAD, tried=(AddressTry(OLD, 8443, False, LATE), HALF_DEAD.tried[1]))),
        "name.ok",
    ),
    row(
        "two addresses, of which the others know one",
        elsewhere(lookups=replace(HALF_DEAD, answers=STALE.answers)),
        "name.wrong",
        "name.old_at",
    ),
    row(
        "two addresses, and neither answers",
        elsewhere(
            lookups=replace(
                STALE, tried=(AddressTry(OLD, 8443, False, TIMEOUT), AddressTry(PUBLIC, 8443, False, TIMEOUT))
            )
        ),
        "name.ok",
    ),
    row(
        "an address of IPv6 is no other than one of IPv4",
        elsewhere(lookups=lookups(SIX, answers=(said(HERE_ROUTER, SIX, kind="own"),)), clinic=CLINIC),
        "name.ok",
    ),
    row(
        "in the office the name leads straight to the server",
        office(
            lookups=lookups(INSIDE, answers=(said(HERE_ROUTER, INSIDE, kind="own"), said(WITNESS, PUBLIC))),
            way=way(inside=True),
            clinic=CLINIC,
        ),
        "name.ok",
    ),
]


@pytest.mark.parametrize("given", TABLE, ids=lambda given: given.what)
def test_the_evidence_gives_exactly_these_codes(given: Row) -> None:
    assert codes_of(CHECK, given.case) == given.codes


def test_the_clinics_report_is_told_to_agree() -> None:
    (found,) = judged(CHECK, elsewhere(clinic=CLINIC))
    assert "the clinic's own address" in CHECK.codes[found.code].summary.format_map(found.facts)


def test_a_name_that_others_do_not_know_either_is_told_with_them() -> None:
    (found,) = judged(CHECK, elsewhere(lookups=NOWHERE))
    assert found.code == "name.not_found"
    assert found.facts["elsewhere"] == f"; {WITNESS} and 9.9.9.9 do not know it either"
