"""The vocabulary is closed and every word of it can be said."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields
from typing import Any

import pytest

from emrnetcheck.checks import EVERY
from emrnetcheck.config.loading import alerts_of
from emrnetcheck.config.mail import mail_of
from emrnetcheck.config.sections import Settings
from emrnetcheck.evidence import Case
from emrnetcheck.model import FAILURE_WORDS, Check, Failure, FailureKind, Site
from emrnetcheck.model.limits import Limit, limits_in
from emrnetcheck.model.schedule import Schedule


@pytest.mark.parametrize("kind", FailureKind)
def test_every_kind_of_failure_has_words(kind: FailureKind) -> None:
    words = FAILURE_WORDS[kind]
    assert words
    assert words == words.strip()
    assert not words.endswith(".")
    assert Failure(kind).in_words() == words


def test_a_failure_says_what_was_tried_with_whom() -> None:
    failure = Failure(FailureKind.TIMEOUT, "connect", "192.168.1.1:80", "after 3 tries")
    assert failure.in_words() == "no answer in time: after 3 tries (connect 192.168.1.1:80)"
    assert Failure(FailureKind.TIMEOUT, target="x:1").in_words() == "no answer in time (x:1)"
    assert Failure(FailureKind.TIMEOUT, "connect").in_words() == "no answer in time (connect)"


def test_values_are_frozen() -> None:
    with pytest.raises(FrozenInstanceError):
        Failure(FailureKind.TIMEOUT).kind = FailureKind.OTHER  # type: ignore[misc]


def test_the_defaults_of_the_site_are_those_of_the_settings() -> None:
    site, settings = Site(), Settings()
    told = {
        **settings.emr.model_dump(),
        **settings.internet.model_dump(),
        "name": settings.site.name,
        "minimum_mbps": settings.upload.minimum_mbps,
        "recommended_mbps": settings.upload.recommended_mbps,
        "upload_servers": settings.upload.servers,
        "max_mb": settings.upload.max_mb,
        "peers": settings.lan.peers,
        "lan_responder": settings.lan.responder,
        "lan_responder_token": settings.lan.responder_token,
        "path_towards": settings.path.towards,
        "outside_services": settings.outside.services,
        "outside_consent": settings.outside.consent,
        "responder_token": settings.outside.responder_token,
        "limits": settings.limits,
        "history_url": settings.history.url,
        "history_keep_days": settings.history.keep_days,
        "alerts": alerts_of(settings.alerts),
        "schedule": _schedule(settings.schedule.model_dump()),
        "mail": mail_of(settings.email),
        "emr_declared": False,
        "accepted": {},  # beside the settings
        "scheme": "https",  # of a URL on the command line only
    }
    for item in fields(site):
        default, value = told[item.name], getattr(site, item.name)
        default = tuple(default) if isinstance(default, list) else default
        assert (default or None) == (value or None), item.name  # "" in the settings is None in the site


def _schedule(section: dict[str, Any]) -> Schedule:
    several = {name: tuple(section[name]) for name in ("check", "look", "report", "clinic_hours")}
    told: dict[str, Any] = section | several | {"ping_url": section["ping_url"] or None}
    return Schedule(**told)


LIMITS = [(check, each) for check in EVERY for each in limits_in(check.limits)]


@pytest.mark.parametrize(("check", "each"), LIMITS, ids=[f"{check.id}.{each.name}" for check, each in LIMITS])
def test_every_limit_has_a_meaning_a_unit_and_a_source(check: Check[Case, Any], each: Limit) -> None:
    assert each.meaning.endswith(".")
    assert each.source
    assert not each.source.endswith(".")
    assert each.unit
    assert "netfacts" not in each.source + each.meaning  # a page that readers do not have
    for text in (each.meaning, each.source):
        assert text.isascii()
        assert len(text.split()) <= 30


def test_the_docstring_of_limits_does_not_say_again_what_the_limits_say() -> None:
    for check in EVERY:
        said = type(check.limits).__doc__ or ""
        assert said
        assert not [each.name for each in limits_in(check.limits) if f"{each.name}:" in said]
